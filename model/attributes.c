/*
 * Memory attributes on their way from the client to the memory system (chapter 13): defaults and overrides,
 * replacement by stage 1, combination with stage 2, and the consistency of what goes out.
 */
#include "registers.h"

/* Encoding of the 4-bit stage 2 MemAttr without FWB, which STE.MemAttr and GBPA.MemAttr share: the upper two
 * bits are the outer cacheability or 0 for Device, the lower two the inner one or the Device type. */
enum { MEMATTR_DEVICE = 0, MEMATTR_NC = 1, MEMATTR_WT = 2, MEMATTR_WB = 3 };

static const smref_cache_attr no_cache = {.cacheability = SMREF_NC};

static smref_cache_attr cache_level(smref_cacheability cacheability)
{
    if (cacheability == SMREF_NC)
        return no_cache;
    return (smref_cache_attr){(uint8_t)cacheability, true, true, false};
}

/* Device memory and Normal iNC-oNC are Outer Shareable wherever they appear (13.1.7). */
static bool has_shareability(const smref_attrs *a)
{
    return a->type == SMREF_MT_NORMAL &&
           (a->inner.cacheability != SMREF_NC || a->outer.cacheability != SMREF_NC);
}

static smref_attrs device_attrs(unsigned dd)
{
    /* DDI 0487: 0b00 is the strongest, nGnRnE. */
    return (smref_attrs){.type = (uint8_t)(SMREF_MT_DEVICE_nGnRnE - dd),
                         .sh = SMREF_OSH,
                         .inner = no_cache,
                         .outer = no_cache};
}

static smref_cacheability cacheability_of(unsigned code)
{
    return code == MEMATTR_WB ? SMREF_WB : code == MEMATTR_WT ? SMREF_WT : SMREF_NC;
}

/* Whether a MemAttr value is unallocated: the outer level is Normal and the inner one says nothing. */
static bool memattr_reserved(unsigned memattr)
{
    return memattr >> 2 != MEMATTR_DEVICE && (memattr & 3) == 0;
}

/* The type that an allocated MemAttr value stands for (DDI 0487 D8.6.5). Hints are those that change nothing.
 */
static smref_attrs memattr_decode(unsigned memattr)
{
    if (memattr >> 2 == MEMATTR_DEVICE)
        return device_attrs(memattr & 3);
    smref_attrs a = {.type = SMREF_MT_NORMAL,
                     .sh = SMREF_NSH,
                     .inner = cache_level(cacheability_of(memattr & 3)),
                     .outer = cache_level(cacheability_of(memattr >> 2))};
    if (!has_shareability(&a))
        a.sh = SMREF_OSH;
    return a;
}

smref_attrs smref_default_attrs(void)
{
    return (smref_attrs){.type = SMREF_MT_NORMAL,
                         .sh = SMREF_NSH,
                         .inner = cache_level(SMREF_WB),
                         .outer = cache_level(SMREF_WB)};
}

/* 6.3.23, 4.7.3: MemAttr is encoded as in an STE; the reserved Shareability counts as Non-shareable. */
smref_attrs smref_message_attributes(unsigned memattr, unsigned sh)
{
    static const uint8_t shareability[4] = {SMREF_NSH, SMREF_NSH, SMREF_OSH, SMREF_ISH};
    smref_attrs a = memattr_reserved(memattr) ? device_attrs(0) : memattr_decode(memattr);
    if (has_shareability(&a))
        a.sh = shareability[sh & 3];
    a.inner = (smref_cache_attr){.cacheability = a.inner.cacheability};
    a.outer = (smref_cache_attr){.cacheability = a.outer.cacheability};
    return a;
}

static struct overrides make_overrides(bool mtcfg, unsigned memattr, unsigned shcfg, unsigned alloccfg)
{
    /* 5.2, 6.3.14: SHCFG 0b00 NSH, 0b01 incoming, 0b10 OSH, 0b11 ISH. */
    static const uint8_t shareability[4] = {SMREF_NSH, SMREF_NSH, SMREF_OSH, SMREF_ISH};
    struct overrides o = {.type_replaced = mtcfg,
                          .sh_replaced = shcfg != SMREF_STE_SHCFG_USE_INCOMING,
                          .sh = shareability[shcfg],
                          .hints_replaced = alloccfg & 8,
                          .hints_without_type = (alloccfg & 8) && !mtcfg,
                          .hints = (uint8_t)(alloccfg & 7)};
    if (mtcfg) {
        o.type_reserved = memattr_reserved(memattr);
        o.type = o.type_reserved ? device_attrs(0) : memattr_decode(memattr);
    }
    return o;
}

struct overrides smref_overrides_of_STE(const smref_env *e)
{
    struct overrides o =
        make_overrides(smref_derived_eff_MTCFG(e) != 0, (unsigned)smref_STE_MemAttr(e->STE),
                       (unsigned)smref_derived_eff_SHCFG(e), (unsigned)smref_derived_eff_ALLOCCFG(e));
    o.privcfg = (uint8_t)smref_derived_eff_PRIVCFG(e);
    o.instcfg = (uint8_t)smref_derived_eff_INSTCFG(e);
    o.nscfg = (uint8_t)smref_derived_eff_NSCFG(e);
    return o;
}

struct overrides smref_overrides_of_GBPA(const uint64_t *reg, smref_sec_sid bank, uint64_t gbpa)
{
    uint64_t idr1 = reg[SMREF_REG_SMMU_IDR1];
    struct overrides o = {.sh_replaced = false};
    if (smref_SMMU_IDR1_ATTR_TYPES_OVR(idr1)) {
        o = make_overrides(smref_SMMU_GBPA_MTCFG(gbpa) != 0, (unsigned)smref_SMMU_GBPA_MemAttr(gbpa),
                           (unsigned)smref_SMMU_GBPA_SHCFG(gbpa), (unsigned)smref_SMMU_GBPA_ALLOCCFG(gbpa));
        o.hints_without_type = false; /* 6.3.14 leaves no choice here, unlike the STE */
    }
    if (smref_SMMU_IDR1_ATTR_PERMS_OVR(idr1)) {
        o.privcfg = (uint8_t)smref_SMMU_GBPA_PRIVCFG(gbpa);
        o.instcfg = (uint8_t)smref_SMMU_GBPA_INSTCFG(gbpa);
        if (bank == SMREF_SEC_SECURE)
            o.nscfg = (uint8_t)smref_SMMU_S_GBPA_NSCFG(gbpa);
    }
    return o;
}

/* Hints that the client did not send, because that level was not cacheable, are RA WA nTR (13.1.4). */
static smref_cache_attr retype(smref_cache_attr incoming, smref_cache_attr replacement)
{
    if (replacement.cacheability == SMREF_NC)
        return no_cache;
    if (incoming.cacheability != SMREF_NC) {
        incoming.cacheability = replacement.cacheability;
        return incoming;
    }
    return replacement;
}

static void replace_hints(smref_cache_attr *level, unsigned rwt)
{
    if (level->cacheability == SMREF_NC)
        return;
    level->read_allocate = rwt & 4;
    level->write_allocate = rwt & 2;
    level->transient = rwt & 1;
}

static void apply_type(struct txn *t, const struct overrides *o)
{
    decide(t, o->type_reserved ? SMREF_RULE_ATTR_MEMATTR_RESERVED : SMREF_RULE_ATTR_MTCFG);
    smref_attrs *a = t->attrs;
    uint8_t sh = a->sh;
    bool normal = a->type == SMREF_MT_NORMAL;
    smref_cache_attr inner = retype(normal ? a->inner : no_cache, o->type.inner);
    smref_cache_attr outer = retype(normal ? a->outer : no_cache, o->type.outer);
    *a = o->type;
    a->inner = inner;
    a->outer = outer;
    if (has_shareability(a))
        a->sh = sh;
}

/* PRIVCFG and INSTCFG: 0b10 forces unprivileged or Data, 0b11 privileged or Instruction (5.2). */
static void apply_permission_overrides(struct txn *t, const struct overrides *o)
{
    if (o->privcfg >= 2) {
        decide(t, SMREF_RULE_PRIVCFG_OVERRIDE);
        t->priv = o->privcfg == 3;
    }
    if (t->write) {
        if (t->inst)
            decide(t, SMREF_RULE_WRITE_IS_DATA);
        t->inst = false;
    } else if (o->instcfg >= 2) {
        decide(t, SMREF_RULE_INSTCFG_OVERRIDE);
        t->inst = o->instcfg == 3;
    }
}

/* 13.1.4: type, then Shareability and hints, which only cacheable memory has. */
static void apply_overrides(struct txn *t, const struct overrides *o)
{
    apply_permission_overrides(t, o);
    if (o->type_replaced)
        apply_type(t, o);
    if (!has_shareability(t->attrs)) {
        t->attrs->sh = SMREF_OSH;
        return;
    }
    if (o->sh_replaced) {
        decide(t, SMREF_RULE_ATTR_SHCFG);
        t->attrs->sh = o->sh;
    }
    if (!o->hints_replaced)
        return;
    if (o->hints_without_type) {
        decide(t, SMREF_RULE_ATTR_ALLOCCFG_ALONE);
        if (smref_choose(t, SMREF_CHOICE_ALLOCCFG_WITHOUT_MTCFG) !=
            SMREF_CHOICE_ALLOCCFG_WITHOUT_MTCFG_effective)
            return;
    }
    decide(t, SMREF_RULE_ATTR_ALLOCCFG);
    replace_hints(&t->attrs->inner, o->hints);
    replace_hints(&t->attrs->outer, o->hints);
}

void smref_input_space(struct txn *t, const struct overrides *o)
{
    t->ns = t->in->ns;
    if (o->nscfg >= 2 && !t->space_given) {
        decide(t, SMREF_RULE_NSCFG_OVERRIDE);
        t->ns = o->nscfg == 3;
    }
    smref_show(t, "NS", t->ns);
}

void smref_input_attributes(struct txn *t, const struct overrides *o)
{
    *t->attrs = t->in->attrs_supplied ? t->in->attrs : smref_default_attrs();
    t->priv = t->in->priv;
    t->inst = t->in->inst;
    if (!t->in->attrs_supplied)
        decide(t, SMREF_RULE_ATTR_DEFAULT);
    if (t->attrs->type != SMREF_MT_NORMAL || t->attrs->inner.cacheability == SMREF_NC)
        t->attrs->inner = no_cache;
    if (t->attrs->type != SMREF_MT_NORMAL || t->attrs->outer.cacheability == SMREF_NC)
        t->attrs->outer = no_cache;
    if (!has_shareability(t->attrs))
        t->attrs->sh = SMREF_OSH;
    smref_show_attrs(t, "from the client", t->attrs);
    apply_overrides(t, o);
    smref_show_attrs(t, "after overrides", t->attrs);
}

/* One level of a MAIR byte (5.4): RW are the allocation hints. */
static smref_cache_attr mair_level(unsigned nibble)
{
    bool r = nibble & 2, w = nibble & 1;
    switch (nibble >> 2) {
    case 0: /* 0b0000 is reserved, and only the inner level can hold it here */
        return (smref_cache_attr){SMREF_WT, r || !nibble, w || !nibble, true};
    case 1:
        if (!(nibble & 3))
            return no_cache;
        return (smref_cache_attr){SMREF_WB, r, w, true};
    case 2:
        return (smref_cache_attr){SMREF_WT, r, w, false};
    default:
        return (smref_cache_attr){SMREF_WB, r, w, false};
    }
}

static struct mair_entry mair_decode(unsigned byte)
{
    if (!(byte >> 4))
        return (struct mair_entry){.attrs = device_attrs(byte >> 2 & 3), .reserved = byte & 3};
    smref_attrs normal = {.type = SMREF_MT_NORMAL,
                          .sh = SMREF_NSH,
                          .inner = mair_level(byte & 15),
                          .outer = mair_level(byte >> 4)};
    return (struct mair_entry){.attrs = normal, .reserved = !(byte & 15)};
}

void smref_decode_mair(uint64_t mair, struct mair_entry out[8])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = mair_decode((unsigned)(mair >> (i * 8)) & 0xff);
}

/* The SH field of a descriptor, a CD or an STE: 0b00 NSH, 0b10 OSH, 0b11 ISH. */
static uint8_t descriptor_shareability(struct txn *t, const struct range *range, unsigned sh)
{
    static const uint8_t of_option[] = {[SMREF_CHOICE_DESCRIPTOR_SH_RESERVED_nsh] = SMREF_NSH,
                                        [SMREF_CHOICE_DESCRIPTOR_SH_RESERVED_osh] = SMREF_OSH,
                                        [SMREF_CHOICE_DESCRIPTOR_SH_RESERVED_ish] = SMREF_ISH};
    if (range->ds) {
        decide(t, SMREF_RULE_ATTR_DS_SH);
        sh = range->sh == 1 ? 0 : range->sh; /* 5.2, 5.4: 0b01 behaves as 0b00 in the STE and the CD */
    } else if (sh == 1) {
        decide(t, SMREF_RULE_ATTR_SH_RESERVED);
        return of_option[smref_choose(t, SMREF_CHOICE_DESCRIPTOR_SH_RESERVED)];
    }
    return sh == 3 ? SMREF_ISH : sh == 2 ? SMREF_OSH : SMREF_NSH;
}

/* Allocation is weaker than no allocation, transient stronger than not (figure 13.1). What a level says that
 * is not cacheable while the other one is: erratum HINTS_OF_NC_LEVEL. */
static void combine_hints(struct txn *t, const smref_cache_attr *own, smref_cache_attr *level)
{
    bool uncached = level->cacheability == SMREF_NC;
    if (own->cacheability == SMREF_NC || uncached) {
        *level = *own;
        if (own->cacheability == SMREF_NC)
            return;
        decide(t, SMREF_RULE_ATTR_HINTS_OF_NC_LEVEL);
        if (smref_choose(t, SMREF_CHOICE_HINTS_OF_NC_LEVEL) == SMREF_CHOICE_HINTS_OF_NC_LEVEL_no_allocate)
            level->read_allocate = level->write_allocate = false;
        return;
    }
    level->cacheability = own->cacheability;
    level->read_allocate &= own->read_allocate;
    level->write_allocate &= own->write_allocate;
    level->transient |= own->transient;
}

static void show_stage1(struct txn *t, const smref_attrs *own, uint8_t sh)
{
    smref_attrs s1 = *own;
    s1.sh = sh;
    smref_show_attrs(t, "of stage 1", &s1);
}

void smref_s1_attributes(struct txn *t, const struct range *range, const struct leaf *leaf)
{
    unsigned index = (unsigned)smref_VMSAv8_64_S1_PAGE_AttrIndx(&leaf->descriptor);
    const struct mair_entry *entry = &t->context->mair[index];
    const smref_attrs *own = &entry->attrs;
    smref_attrs *a = t->attrs;
    if (entry->reserved)
        decide(t, SMREF_RULE_ATTR_MAIR_RESERVED);
    decide(t, SMREF_RULE_ATTR_S1_REPLACE);
    t->s1_range = range;
    t->s1_sh = (uint8_t)smref_VMSAv8_64_S1_PAGE_SH(&leaf->descriptor);
    uint8_t sh = has_shareability(own) ? descriptor_shareability(t, range, t->s1_sh) : (uint8_t)SMREF_OSH;
    if (t->smmu->trace)
        show_stage1(t, own, sh);
    if (has_shareability(a)) {
        decide(t, SMREF_RULE_ATTR_S1_HINTS);
        combine_hints(t, &own->inner, &a->inner);
        combine_hints(t, &own->outer, &a->outer);
    } else {
        a->inner = own->inner;
        a->outer = own->outer;
    }
    a->type = own->type;
    a->sh = sh;
    smref_show_attrs(t, "after stage 1", a);
}

static void combine_level(smref_cache_attr *level, const smref_cache_attr *s2)
{
    if (level->cacheability == SMREF_NC || s2->cacheability == SMREF_NC)
        *level = no_cache;
    else if (s2->cacheability == SMREF_WT)
        level->cacheability = SMREF_WT;
}

static uint8_t stronger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

/* The allocated encoding that a stage 2 MemAttr without FWB has or stands for. */
static unsigned effective_memattr(struct txn *t, unsigned memattr)
{
    static const uint8_t of_option[] = {0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15};
    if (!memattr_reserved(memattr))
        return memattr;
    /* Only AArch64 has the NoTagAccess encoding (DDI 0487 J1.3, S2ResMemAttr). */
    if (memattr >> 2 == MEMATTR_NC && t->stream->s2.format == SMREF_Format_VMSAv8_64 &&
        smref_SMMU_IDR3_MTEPERM(t->reg[SMREF_REG_SMMU_IDR3])) {
        decide(t, SMREF_RULE_ATTR_MTEPERM);
        return 15;
    }
    decide(t, SMREF_RULE_ATTR_S2_RESERVED);
    return of_option[smref_choose(t, SMREF_CHOICE_S2_MEMATTR_RESERVED)];
}

/* With S2FWB (DDI 0487 D8.6.6): MemAttr[3] only counts with FEAT_MTE_PERM, where it marks NoTagAccess, which
 * the SMMU does not have (3.23.1). Of the rest 0b100 is reserved, and with FEAT_MTE_PERM also 0b10xx and
 * 0b1101. */
static unsigned effective_fwb_memattr(struct txn *t, unsigned memattr)
{
    static const uint8_t of_option[] = {0, 1, 2, 3, 5, 6, 7};
    bool mteperm = smref_SMMU_IDR3_MTEPERM(t->reg[SMREF_REG_SMMU_IDR3]) != 0;
    bool reserved = (memattr & 7) == 4;
    if (mteperm && memattr & 8) {
        reserved = reserved || (memattr & 7) <= 5;
        if (!reserved)
            decide(t, SMREF_RULE_ATTR_MTEPERM);
    }
    if (!reserved)
        return memattr & 7;
    decide(t, SMREF_RULE_ATTR_FWB_RESERVED);
    return of_option[smref_choose(t, SMREF_CHOICE_S2_FWB_MEMATTR_RESERVED)];
}

bool smref_s2_is_device(struct txn *t, const struct leaf *leaf)
{
    unsigned memattr = (unsigned)smref_VMSAv8_64_S2_PAGE_MemAttr(&leaf->descriptor);
    if (t->stream->s2fwb)
        return effective_fwb_memattr(t, memattr) < 4;
    return effective_memattr(t, memattr) >> 2 == MEMATTR_DEVICE;
}

/* DDI 0487 D8.6.2: stage 1 may normalise what it leaves uncached, or hand on what its descriptor says. Input
 * that bypassed stage 1 is Outer Shareable then (13.1.4). */
static uint8_t shareability_before_fwb(struct txn *t, const smref_attrs *s1)
{
    if (has_shareability(s1) || !t->context)
        return s1->sh;
    decide(t, SMREF_RULE_ATTR_FWB_SH);
    if (smref_choose(t, SMREF_CHOICE_S1_UNCACHED_SHAREABILITY) ==
        SMREF_CHOICE_S1_UNCACHED_SHAREABILITY_descriptor)
        return descriptor_shareability(t, t->s1_range, t->s1_sh);
    return SMREF_OSH;
}

/* S2FWB (13.1.6): a Device type only strengthens; 0b110 forces Write-Back, 0b111 keeps what stage 1 gave,
 * 0b101 is Non-cacheable unless stage 1 gave Device. */
static smref_attrs forced_type(struct txn *t, smref_attrs s1, unsigned memattr)
{
    decide(t, SMREF_RULE_ATTR_S2_FWB);
    memattr = effective_fwb_memattr(t, memattr);
    if (memattr < 4) {
        smref_attrs device = device_attrs(memattr);
        device.type = stronger(device.type, s1.type);
        return device;
    }
    if (memattr == 7) {
        if (t->atos)
            t->atos->passed_on = true;
        return s1;
    }
    if (memattr == 6) {
        smref_attrs wb = {.type = SMREF_MT_NORMAL, .sh = shareability_before_fwb(t, &s1)};
        bool normal = s1.type == SMREF_MT_NORMAL;
        wb.inner = retype(normal ? s1.inner : no_cache, cache_level(SMREF_WB));
        wb.outer = retype(normal ? s1.outer : no_cache, cache_level(SMREF_WB));
        return wb;
    }
    return s1.type == SMREF_MT_NORMAL ? memattr_decode(MEMATTR_NC << 2 | MEMATTR_NC) : s1;
}

void smref_s2_attributes(struct txn *t, const struct range *range, const struct leaf *leaf)
{
    unsigned memattr = (unsigned)smref_VMSAv8_64_S2_PAGE_MemAttr(&leaf->descriptor);
    smref_attrs *a = t->attrs;
    if (t->stream->s2fwb) {
        *a = forced_type(t, *a, memattr);
    } else {
        decide(t, SMREF_RULE_ATTR_S2_COMBINE);
        const smref_attrs s2 = memattr_decode(effective_memattr(t, memattr));
        smref_show_attrs(t, "of stage 2", &s2);
        a->type = stronger(a->type, s2.type);
        combine_level(&a->inner, &s2.inner);
        combine_level(&a->outer, &s2.outer);
    }
    if (has_shareability(a)) {
        unsigned sh = (unsigned)smref_VMSAv8_64_S2_PAGE_SH(&leaf->descriptor);
        a->sh = stronger(a->sh, descriptor_shareability(t, range, sh));
    }
    smref_show_attrs(t, "after stage 2", a);
}

static void make_consistent(struct txn *t, smref_cache_attr *level)
{
    if (level->cacheability != SMREF_NC && !level->read_allocate && !level->write_allocate &&
        level->transient) {
        decide(t, SMREF_RULE_ATTR_NO_ALLOCATE_NON_TRANSIENT);
        level->transient = false;
    }
}

void smref_output_attributes(struct txn *t)
{
    smref_attrs *a = t->attrs;
    if (!has_shareability(a)) {
        decide(t, SMREF_RULE_ATTR_FORCE_OSH);
        a->sh = SMREF_OSH;
        a->inner = a->outer = no_cache;
    }
    make_consistent(t, &a->inner);
    make_consistent(t, &a->outer);
    smref_show_attrs(t, "output", a);
    /* 13.1.2: up to v3.3 the overridden marks go out, from v3.4 on always Data, Privileged. */
    t->out->priv = t->smmu->arch >= SMREF_V3_4 || t->priv;
    t->out->inst = t->smmu->arch < SMREF_V3_4 && t->inst;
}
