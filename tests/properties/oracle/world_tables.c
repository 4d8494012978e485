/* Random tables of both stages, with the fields of CD and STE that describe them. Legality is decided here
 * from the tables of the manual, not by the model. */
#include "world_tables.h"

#include "smref_layout.h"

/* An address of a table, mostly within `bits`. */
static uint64_t draw_base(struct random *r, int bits)
{
    uint64_t base = oracle_slice(random_next(r), 51, 0) & ~UINT64_C(15);
    return random_one_in(r, 24) ? base : oracle_slice(base, bits < 52 ? bits - 1 : 51, 0);
}

static int draw_output_bits(struct random *r, const struct features *f, unsigned *code)
{
    static const int bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};
    *code = random_one_in(r, 3) ? random_below(r, 8) : 5 + random_below(r, 3);
    int decoded = bits[*code];
    if (f->arch < 1 && decoded > 48)
        decoded = 48;
    if (f->arch < 4 && decoded > 52)
        decoded = 52;
    return decoded < f->oas ? decoded : f->oas;
}

static int draw_granule(struct random *r)
{
    static const int bits[3] = {12, 14, 16};
    return bits[random_below(r, 3)];
}

/* Also drops the bits that SMMUv3.0 does not have in its tables' addresses: they are RES0 there (5.2, 5.4).
 */
static bool ttb_in_range(struct oracle_tables *t, const struct features *f, bool ds)
{
    int limit = t->output_bits;
    if (f->arch < 1)
        t->ttb = oracle_slice(t->ttb, 47, 0);
    if (!t->lpae && t->granule_bits < 16 && !ds && limit > 48)
        limit = 48; /* 5.2, 5.4 */
    return !(t->ttb >> limit);
}

/* What both stages know of their tables before they are drawn. */
static struct oracle_tables tables_of(const struct world *w, const struct features *f, bool lpae, int output,
                                      bool affd)
{
    return (struct oracle_tables){.lpae = lpae,
                                  .output_bits = lpae ? 40 : output,
                                  .big_endian = w->big_endian,
                                  .lpa = f->oas >= 52,
                                  .low_is_address = f->low_is_address,
                                  .contiguous_faults = f->contiguous_faults,
                                  .contiguous_run = f->contiguous_run,
                                  .af_ignored = affd};
}

/* ---- Stage 1 ----------------------------------------------------------------------------------------- */

/* One half of the CD. Returns whether its fields are legal (5.4). */
static bool make_half(struct world *w, struct random *r, const struct features *f, int half, bool ds)
{
    static const unsigned tg0[3] = {0, 2, 1}, tg1[3] = {2, 1, 3};
    struct oracle_tables *t = &w->stream.half[half];
    int index = (t->granule_bits - 12) / 2, txsz = (int)random_below(r, random_one_in(r, 8) ? 64 : 49);
    bool legal = true;
    t->ttb = draw_base(r, t->output_bits);
    t->space = w->stream.state;
    t->nstable = w->stream.state == ORACLE_SECURE;
    if (random_next(r) & 1) { /* CD.NSCFGx, which others ignore (5.4) */
        (half ? smref_CD_set_NSCFG1 : smref_CD_set_NSCFG0)(w->cd, 1);
        t->space = w->stream.state == ORACLE_REALM ? ORACLE_REALM : ORACLE_NS;
    }
    if (t->lpae) {
        txsz = (int)random_below(r, 8);
        t->input_bits = 32 - txsz;
        t->start_level = t->input_bits > 30 ? 1 : 2; /* DDI 0487 G5.5.6 */
    } else {
        if (txsz < 12 && !random_one_in(r, 8))
            txsz += 12;
        int effective = txsz, level = 3;
        int least = f->lva && (t->granule_bits == 16 || ds) ? 12 : 16;
        int most = !f->ttst ? 39 : t->granule_bits == 16 ? 47 : 48;
        legal = txsz >= least && txsz <= most;
        if (!legal && f->clamp) {
            effective = txsz < 16 ? 16 : 39;
            legal = true;
        }
        if (legal)
            legal = oracle_stage1_start(t->granule_bits, effective, ds, f->lva, f->ttst, &level);
        t->input_bits = 64 - effective;
        t->start_level = level;
    }
    if (half) {
        smref_CD_set_T1SZ(w->cd, (uint64_t)txsz);
        smref_CD_set_TG1(w->cd, tg1[index]);
        smref_CD_set_TTB1(w->cd, t->ttb >> 4);
    } else {
        smref_CD_set_T0SZ(w->cd, (uint64_t)txsz);
        smref_CD_set_TG0(w->cd, tg0[index]);
        smref_CD_set_TTB0(w->cd, t->ttb >> 4);
    }
    return ttb_in_range(t, f, ds) && legal;
}

static void make_controls(struct world *w, struct random *r, const struct features *f, bool two)
{
    struct oracle_stream *s = &w->stream;
    bool had[2], e0pd[2], wxn = random_next(r) & 1, uwxn = random_next(r) & 1, pan = random_next(r) & 1,
                          epan = random_next(r) & 1;
    for (int half = 0; half < 2; half++) {
        had[half] = random_one_in(r, 4);
        e0pd[half] = random_one_in(r, 8);
        s->tbi[half] = random_next(r) & 1;
        s->epd[half] = random_one_in(r, 16);
    }
    smref_CD_set_WXN(w->cd, wxn);
    smref_CD_set_UWXN(w->cd, uwxn);
    smref_CD_set_PAN(w->cd, pan);
    smref_CD_set_EPAN(w->cd, epan);
    smref_CD_set_HAD0(w->cd, had[0]);
    smref_CD_set_HAD1(w->cd, had[1]);
    smref_CD_set_E0PD0(w->cd, e0pd[0]);
    smref_CD_set_E0PD1(w->cd, e0pd[1]);
    smref_CD_set_TBI0(w->cd, s->tbi[0]);
    smref_CD_set_TBI1(w->cd, s->tbi[1]);
    smref_CD_set_EPD0(w->cd, s->epd[0]);
    smref_CD_set_EPD1(w->cd, s->epd[1]);
    s->controls = (struct oracle_controls){.two_privileges = two,
                                           .wxn = wxn,
                                           .uwxn = uwxn && s->lpae,
                                           .pan = pan,
                                           .epan = epan && f->epan && !s->lpae,
                                           .xnx = f->xnx};
    for (int half = 0; half < 2; half++) {
        s->half[half].hierarchy_ignored = had[half] && f->had;
        s->e0pd[half] = e0pd[half] && f->e0pd && two && !s->lpae;
        s->epd[half] = s->epd[half] && two;
    }
}

void world_make_cd(struct world *w, struct random *r, const struct features *f, bool two, bool lpae)
{
    unsigned ips;
    int output = draw_output_bits(r, f, &ips);
    bool ds = f->ds && !lpae && random_next(r) & 1, affd = random_next(r) & 1, legal = true;
    w->stream.lpae = lpae;
    for (int half = 0; half < 2; half++) {
        w->stream.half[half] = tables_of(w, f, lpae, output, affd);
        w->stream.half[half].granule_bits = lpae ? 12 : draw_granule(r);
    }
    make_controls(w, r, f, two);
    w->stream.mair = random_next(r);
    smref_CD_set_MAIR0(w->cd, w->stream.mair);
    smref_CD_set_MAIR1(w->cd, w->stream.mair >> 32);
    w->stream.half[0].sh = random_below(r, 4);
    w->stream.half[1].sh = random_below(r, 4);
    smref_CD_set_SH0(w->cd, w->stream.half[0].sh);
    smref_CD_set_SH1(w->cd, w->stream.half[1].sh);
    for (int half = 0; half < 2; half++) {
        struct oracle_tables *t = &w->stream.half[half];
        t->ds = ds && t->granule_bits < 16;
        bool good = make_half(w, r, f, half, ds);
        if (!w->stream.epd[half] && (two || half == 0))
            legal = legal && good;
    }
    smref_CD_set_V(w->cd, 1);
    smref_CD_set_AA64(w->cd, !lpae);
    smref_CD_set_IPS(w->cd, ips);
    smref_CD_set_DS(w->cd, ds);
    smref_CD_set_AFFD(w->cd, affd);
    smref_CD_set_ENDI(w->cd, w->big_endian);
    smref_CD_set_R(w->cd, 1);
    smref_CD_set_A(w->cd, 1);
    w->stream.cd_legal = legal;
}

/* ---- Stage 2 ----------------------------------------------------------------------------------------- */

/* Sizes and start levels of VMSAv8-64. Most combinations are illegal; most of what is drawn is legal. */
struct stage2_size {
    int t0sz, effective, level;
    unsigned sl0, sl2;
    bool legal;
};

static struct stage2_size draw_stage2_size(struct random *r, const struct features *f, int granule_bits,
                                           bool ds, int ias)
{
    int smallest = 64 - ias, least = f->arch < 1 ? 0 : granule_bits == 16 || ds ? 12 : 16;
    int most = !f->ttst ? 39 : granule_bits == 16 ? 47 : 48;
    struct stage2_size size = {.level = 3, .sl2 = f->ds && random_one_in(r, 4)};
    least = least > smallest ? least : smallest;
    for (int tries = random_one_in(r, 8) ? 1 : 500; tries > 0 && !size.legal; tries--) {
        size.t0sz = size.effective = 12 + (int)random_below(r, 38);
        size.sl0 = random_below(r, 4);
        size.legal = size.t0sz >= least && size.t0sz <= most;
        if (!size.legal && f->clamp) {
            size.effective = size.t0sz < least ? least : most;
            size.legal = true;
        }
        size.legal = size.legal && oracle_stage2_start(granule_bits, size.effective, size.sl0, size.sl2, ds,
                                                       f->ttst, f->oas, &size.level);
    }
    return size;
}

/* The tables of an IPA space of stage 2, with the fields of the STE that are its own. Whether they are legal.
 */
static bool make_stage2_tables(struct world *w, struct random *r, const struct features *f, bool secure,
                               struct oracle_tables *t)
{
    static const unsigned tg[3] = {0, 2, 1};
    bool lpae = t->lpae, ds = t->ds;
    struct stage2_size size = {.t0sz = (int)random_below(r, 64), .sl0 = random_below(r, 4)};
    t->ttb = draw_base(r, t->output_bits);
    t->input_bits = 32;
    if (lpae) {
        size.legal = oracle_stage2_start_lpae(size.t0sz, size.sl0, &size.level, &t->input_bits);
    } else {
        size = draw_stage2_size(r, f, t->granule_bits, ds, w->stream.ias);
        t->input_bits = 64 - size.effective;
    }
    t->start_level = size.level;
    (secure ? smref_STE_set_S_S2T0SZ : smref_STE_set_S2T0SZ)(w->ste, (uint64_t)size.t0sz);
    (secure ? smref_STE_set_S_S2SL0 : smref_STE_set_S2SL0)(w->ste, size.sl0);
    (secure ? smref_STE_set_S_S2SL0_2 : smref_STE_set_S2SL0_2)(w->ste, size.sl2);
    (secure ? smref_STE_set_S_S2TG : smref_STE_set_S2TG)(w->ste, tg[(t->granule_bits - 12) / 2]);
    (secure ? smref_STE_set_S_S2TTB : smref_STE_set_S2TTB)(w->ste, t->ttb >> 4);
    return ttb_in_range(t, f, ds) && size.legal;
}

/* S2SW, S2SA, S2NSW, S2NSA (5.2). */
static void make_stage2_spaces(struct world *w, struct random *r)
{
    struct oracle_stream *s = &w->stream;
    bool sw = random_one_in(r, 3), nsw = random_one_in(r, 3);
    s->s2sa = random_one_in(r, 3);
    s->s2nsa = random_one_in(r, 3);
    s->secure_s2.space = sw ? ORACLE_NS : ORACLE_SECURE;
    s->s2.space = nsw ? ORACLE_NS : ORACLE_SECURE;
    smref_STE_set_S2SW(w->ste, sw);
    smref_STE_set_S2SA(w->ste, s->s2sa);
    smref_STE_set_S2NSW(w->ste, nsw);
    smref_STE_set_S2NSA(w->ste, s->s2nsa);
}

bool world_make_stage2(struct world *w, struct random *r, const struct features *f, bool lpae)
{
    struct oracle_stream *s = &w->stream;
    unsigned ps;
    int output = draw_output_bits(r, f, &ps);
    bool ds = f->ds && !lpae && random_next(r) & 1, affd = random_next(r) & 1;
    s->s2 = tables_of(w, f, lpae, output, affd);
    s->s2.granule_bits = lpae ? 12 : draw_granule(r);
    s->s2.sh = random_below(r, 4);
    s->s2.space = s->state;
    s->secure_s2 = s->s2;
    s->secure_s2.granule_bits = draw_granule(r);
    /* RES0 where either granule is 64 KB. */
    s->s2.ds = ds && s->s2.granule_bits < 16 && (s->state != ORACLE_SECURE || s->secure_s2.granule_bits < 16);
    s->secure_s2.ds = s->s2.ds;
    smref_STE_set_S2SH0(w->ste, s->s2.sh);
    s->fwb = f->fwb && !lpae && random_next(r) & 1;
    smref_STE_set_S2FWB(w->ste, s->fwb);
    smref_STE_set_S2AA64(w->ste, !lpae);
    smref_STE_set_S2DS(w->ste, ds);
    smref_STE_set_S2PS(w->ste, ps);
    smref_STE_set_S2AFFD(w->ste, affd);
    smref_STE_set_S2ENDI(w->ste, w->big_endian);
    smref_STE_set_S2R(w->ste, 1);
    bool legal = make_stage2_tables(w, r, f, false, &s->s2);
    if (s->state != ORACLE_SECURE)
        return legal;
    make_stage2_spaces(w, r);
    return make_stage2_tables(w, r, f, true, &s->secure_s2) && legal;
}
