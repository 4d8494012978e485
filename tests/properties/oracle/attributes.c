/* IHI 0070 13.1.3 to 13.1.7, 13.4, 5.2, 5.4; DDI 0487 D8.6. Where there is a choice, its default in
 * spec/rules. */
#include "oracle.h"

enum { GRE, nGRE, nGnRE, nGnRnE }; /* weakest first */
enum { NSH, ISH, OSH };
enum { NC, WT, WB };

static const struct oracle_level uncached = {NC, false, false, false};

static struct oracle_level cached(int cache)
{
    if (cache == NC)
        return uncached;
    return (struct oracle_level){cache, true, true, false};
}

static struct oracle_attrs device_type(int device)
{
    return (struct oracle_attrs){true, device, OSH, uncached, uncached};
}

static bool any_cache(const struct oracle_attrs *a)
{
    return !a->is_device && (a->inner.cache != NC || a->outer.cache != NC);
}

/* Table D8-96; `reserved` is what an unallocated encoding gives here: the strongest Device. */
static struct oracle_attrs memattr(unsigned code)
{
    static const int device[4] = {nGnRnE, nGnRE, nGRE, GRE};
    static const int cache[4] = {NC, NC, WT, WB}; /* 0b00 stands for Device or is reserved */
    if (code < 4)
        return device_type(device[code]);
    if ((code & 3) == 0)
        return device_type(nGnRnE);
    return (struct oracle_attrs){false, 0, NSH, cached(cache[code & 3]), cached(cache[code >> 2])};
}

/* 5.4: one level of an attribute byte. */
static struct oracle_level mair_level(unsigned nibble)
{
    static const struct {
        int cache;
        bool transient;
    } kinds[4] = {{WT, true}, {WB, true}, {WT, false}, {WB, false}};
    if (nibble == 4)
        return uncached;
    if (nibble == 0)
        nibble = 3; /* reserved: Transient Write-Through, RW 0b11 */
    return (struct oracle_level){kinds[nibble >> 2].cache, nibble & 2, nibble & 1,
                                 kinds[nibble >> 2].transient};
}

static struct oracle_attrs mair(uint64_t bytes, unsigned index)
{
    static const int device[4] = {nGnRnE, nGnRE, nGRE, GRE};
    unsigned byte = (unsigned)oracle_slice(bytes, 8 * (int)index + 7, 8 * (int)index);
    if (byte >> 4 == 0)
        return device_type(device[byte >> 2]);
    return (struct oracle_attrs){false, 0, NSH, mair_level(byte & 15), mair_level(byte >> 4)};
}

/* The type of the override, with the hints that the client sent for that level, or RA WA nTR (13.1.4). */
static struct oracle_level retyped(struct oracle_level from, int cache)
{
    if (cache == NC)
        return uncached;
    if (from.cache == NC)
        return cached(cache);
    from.cache = cache;
    return from;
}

static void override_hints(struct oracle_level *level, unsigned rwt)
{
    if (level->cache != NC)
        *level = (struct oracle_level){level->cache, rwt & 4, rwt & 2, rwt & 1};
}

/* 13.1.3, 13.1.4. */
static struct oracle_attrs input(const struct oracle_overrides *o, const struct oracle_attrs *supplied)
{
    static const int shcfg[4] = {NSH, NSH, OSH, ISH};
    struct oracle_attrs a = {false, 0, NSH, cached(WB), cached(WB)};
    if (supplied)
        a = *supplied;
    if (a.is_device)
        a.inner = a.outer = uncached;
    if (!any_cache(&a))
        a.sh = OSH; /* 13.1.1: they are considered to be */
    if (o->mtcfg) {
        struct oracle_attrs type = memattr(o->memattr);
        a.is_device = type.is_device;
        a.device = type.device;
        a.inner = retyped(a.inner, type.inner.cache);
        a.outer = retyped(a.outer, type.outer.cache);
    }
    if (!any_cache(&a)) {
        a.sh = OSH;
        return a;
    }
    if (o->shcfg != 1)
        a.sh = shcfg[o->shcfg];
    if (o->alloccfg & 8) {
        override_hints(&a.inner, o->alloccfg);
        override_hints(&a.outer, o->alloccfg);
    }
    return a;
}

static int descriptor_sh(const struct oracle_tables *t, uint64_t descriptor)
{
    static const int meaning[4] = {NSH, NSH, OSH, ISH};
    return meaning[t->ds ? t->sh : oracle_slice(descriptor, 9, 8)];
}

/* 13.4.2: allocation is weaker than none, transient stronger than not. */
static void hints_through(struct oracle_level *own, const struct oracle_level *in)
{
    if (own->cache == NC || in->cache == NC)
        return;
    own->read_allocate = own->read_allocate && in->read_allocate;
    own->write_allocate = own->write_allocate && in->write_allocate;
    own->transient = own->transient || in->transient;
}

static struct oracle_attrs through_stage1(const struct oracle_tables *t, uint64_t mairs, uint64_t descriptor,
                                          const struct oracle_attrs *in)
{
    struct oracle_attrs a = mair(mairs, (unsigned)oracle_slice(descriptor, 4, 2));
    a.sh = any_cache(&a) ? descriptor_sh(t, descriptor) : OSH;
    if (any_cache(in)) {
        hints_through(&a.inner, &in->inner);
        hints_through(&a.outer, &in->outer);
    }
    return a;
}

/* Tables D8-97, D8-98. */
static struct oracle_attrs combined(const struct oracle_attrs *s1, const struct oracle_attrs *s2)
{
    if (s1->is_device || s2->is_device) {
        int one = s1->is_device ? s1->device : GRE, two = s2->is_device ? s2->device : GRE;
        return device_type(one > two ? one : two);
    }
    struct oracle_attrs a = *s1;
    a.inner.cache = s1->inner.cache < s2->inner.cache ? s1->inner.cache : s2->inner.cache;
    a.outer.cache = s1->outer.cache < s2->outer.cache ? s1->outer.cache : s2->outer.cache;
    if (a.inner.cache == NC)
        a.inner = uncached;
    if (a.outer.cache == NC)
        a.outer = uncached;
    return a;
}

/* Tables D8-100, D8-101, without FEAT_MTE_PERM. */
static struct oracle_attrs forced(const struct oracle_attrs *s1, unsigned code)
{
    struct oracle_attrs a = *s1, s2;
    switch (code & 7) {
    case 5:
        if (!a.is_device)
            a.inner = a.outer = uncached;
        return a;
    case 6:
        a.is_device = false;
        a.inner = retyped(a.inner, WB);
        a.outer = retyped(a.outer, WB);
        return a;
    case 7:
        return a;
    default:
        s2 = memattr(code & 3); /* 0b100 is reserved: the strongest Device here */
        return combined(s1, &s2);
    }
}

static struct oracle_attrs through_stage2(const struct oracle_tables *t, bool fwb, uint64_t descriptor,
                                          const struct oracle_attrs *s1)
{
    unsigned code = (unsigned)oracle_slice(descriptor, 5, 2);
    struct oracle_attrs s2 = memattr(code), a = fwb ? forced(s1, code) : combined(s1, &s2);
    int own = descriptor_sh(t, descriptor);
    a.sh = !any_cache(&a) ? OSH : own > s1->sh ? own : s1->sh;
    return a;
}

/* 13.1.7. */
static void consistent(struct oracle_level *level)
{
    if (level->cache != NC && !level->read_allocate && !level->write_allocate)
        level->transient = false;
}

struct oracle_attrs oracle_attributes(const struct oracle_stream *s, const struct oracle_attrs *supplied,
                                      const struct oracle_answer *answer)
{
    struct oracle_attrs a = input(&s->overrides, supplied);
    if (s->stage1)
        a = through_stage1(&s->half[answer->half], s->mair, answer->descriptor[0], &a);
    if (s->stage2)
        a = through_stage2(answer->secure_ipa ? &s->secure_s2 : &s->s2, s->fwb, answer->descriptor[1], &a);
    if (!any_cache(&a))
        a.sh = OSH;
    consistent(&a.inner);
    consistent(&a.outer);
    return a;
}
