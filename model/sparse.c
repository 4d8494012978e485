/*
 * A sparse memory for callers that have none of their own. Declared regions say what exists and what it holds
 * at first; a page of 4 KB comes into being when it is first stored to. Cost follows what was stored.
 */
#include <stdlib.h>
#include <string.h>

#include "sparse.h"

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

/* Makes room for one more element; false when the host has no memory left. */
static bool grow(void **array, size_t *room, size_t count, size_t element)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 16;
    void *larger = realloc(*array, wanted * element);
    if (!larger)
        return false;
    *array = larger;
    *room = wanted;
    return true;
}

/* ---- Aliases --------------------------------------------------------------------------------------- */

/* The space that really holds the byte, and in *last, which comes as the last byte of interest, how far it
 * does. */
static smref_pas held_by(const smref_sparse *m, smref_pas pas, uint64_t at, uint64_t *last)
{
    smref_pas held = pas;
    for (size_t i = 0; i < m->alias_count; i++) {
        const struct alias *a = &m->aliases[i];
        if (a->pas != pas || a->last < at)
            continue;
        if (a->first <= at)
            held = a->as;
        uint64_t end = a->first <= at ? a->last : a->first - 1;
        if (end < *last)
            *last = end;
    }
    return held;
}

static smref_pas holder(const smref_sparse *m, smref_pas pas, uint64_t at)
{
    uint64_t last = at;
    return m->alias_count ? held_by(m, pas, at, &last) : pas;
}

static bool anything_declared(const smref_sparse *m)
{
    for (int pas = 0; pas < SMREF_PAS_COUNT; pas++)
        if (m->region_count[pas])
            return true;
    return m->page_count != 0;
}

smref_status smref_sparse_alias(smref_sparse *m, smref_pas pas, smref_pas as, uint64_t at, uint64_t size)
{
    if ((unsigned)pas >= SMREF_PAS_COUNT || (unsigned)as >= SMREF_PAS_COUNT || pas == as || !size ||
        (at | size) % PAGE_SIZE || at + (size - 1) < at || anything_declared(m))
        return SMREF_E_ARGUMENT;
    const struct alias wanted = {pas, as, at, at + (size - 1)};
    for (size_t i = 0; i < m->alias_count; i++) {
        const struct alias *a = &m->aliases[i];
        if (a->first <= wanted.last && wanted.first <= a->last &&
            (a->pas == pas || a->pas == as || a->as == pas))
            return SMREF_E_ARGUMENT;
    }
    void *aliases = m->aliases;
    if (!grow(&aliases, &m->alias_room, m->alias_count, sizeof wanted))
        return SMREF_E_NO_MEMORY;
    m->aliases = aliases;
    m->aliases[m->alias_count++] = wanted;
    return SMREF_OK;
}

/* ---- Regions and pages ----------------------------------------------------------------------------- */

/* Index of the first region whose last byte is at or after `at`. */
static size_t region_at(const smref_sparse *m, smref_pas pas, uint64_t at)
{
    size_t low = 0, high = m->region_count[pas];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->regions[pas][middle].last < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether every byte of [first, last] lies in a region of the space that holds them; regions may touch. */
static bool covered_there(const smref_sparse *m, smref_pas pas, uint64_t first, uint64_t last)
{
    for (size_t i = region_at(m, pas, first); i < m->region_count[pas]; i++) {
        const struct region *r = &m->regions[pas][i];
        if (r->first > first)
            return false;
        if (r->last >= last)
            return true;
        first = r->last + 1;
    }
    return false;
}

static bool covered(const smref_sparse *m, smref_pas pas, uint64_t first, uint64_t last)
{
    for (;;) {
        uint64_t end = last;
        smref_pas held = held_by(m, pas, first, &end);
        if (!covered_there(m, held, first, end))
            return false;
        if (end == last)
            return true;
        first = end + 1;
    }
}

static uint8_t initial_byte(const smref_sparse *m, smref_pas pas, uint64_t at)
{
    pas = holder(m, pas, at);
    size_t i = region_at(m, pas, at);
    if (i == m->region_count[pas] || m->regions[pas][i].first > at)
        return 0;
    const struct region *r = &m->regions[pas][i];
    return r->bytes ? r->bytes[at - r->first] : r->fill;
}

static uint64_t initial_word(const smref_sparse *m, smref_pas pas, uint64_t at)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = initial_byte(m, pas, at + i);
    return word_of(bytes);
}

static struct page *page_of(const smref_sparse *m, smref_pas pas, uint64_t at)
{
    return m->pages[sparse_slot(m, sparse_key(holder(m, pas, at), at))];
}

/* Lets a look find a whole page; the last one to have the hash is found. */
static void show_page(smref_sparse *m, const struct page *page)
{
    uint64_t at = page->key << PAGE_BITS;
    smref_pas pas = sparse_space(page->key);
    if (!page->whole)
        return;
    m->glances[sparse_hash(m, page->key)] = (struct glance){page->key, page->words};
    for (size_t i = 0; i < m->alias_count; i++) {
        const struct alias *a = &m->aliases[i];
        uint64_t key = sparse_key(a->pas, at);
        if (a->as == pas && a->first <= at && at <= a->last)
            m->glances[sparse_hash(m, key)] = (struct glance){key, page->words};
    }
}

/* Gives the tables `count` places, a power of two, and moves what they hold. */
static bool resize_slots(smref_sparse *m, size_t count)
{
    struct glance *glances = malloc(count * sizeof *glances);
    struct page **old = m->pages, **pages = calloc(count, sizeof(struct page *));
    size_t old_count = old ? m->slot_mask + 1 : 0;
    if (!glances || !pages) {
        free(glances);
        free(pages);
        return false;
    }
    free(m->glances);
    m->glances = glances;
    m->pages = pages;
    m->slot_mask = count - 1;
    for (size_t i = 0; i < count; i++)
        glances[i] = (struct glance){SPARSE_NO_KEY, NULL};
    for (size_t i = 0; i < old_count; i++) {
        if (!old[i])
            continue;
        pages[sparse_slot(m, old[i]->key)] = old[i];
        show_page(m, old[i]);
    }
    free(old);
    return true;
}

/* Gives bytes of an existing page their first contents, and notes whether the page is now wholly declared. */
static void refresh_page(smref_sparse *m, smref_pas pas, struct page *page, uint64_t first, uint64_t last)
{
    uint64_t base = first & ~(PAGE_SIZE - 1);
    uint64_t *words = page->words;
    for (uint64_t byte = first; byte <= last; byte++) {
        unsigned shift = (unsigned)(byte & 7) * 8;
        uint64_t *word = &words[(byte - base) / 8];
        *word = (*word & ~(UINT64_C(0xff) << shift)) | (uint64_t)initial_byte(m, pas, byte) << shift;
        if (byte == UINT64_MAX)
            break;
    }
    page->whole = m->unmapped == SMREF_UNMAPPED_ZERO || covered(m, pas, base, base + PAGE_SIZE - 1);
    show_page(m, page);
}

/* The page that holds `at`, made if need be. NULL when the host has no memory left. */
static struct page *make_page(smref_sparse *m, smref_pas pas, uint64_t at)
{
    struct page *page = page_of(m, pas, at);
    pas = holder(m, pas, at);
    if (page)
        return page;
    if (m->page_count * 4 > m->slot_mask && !resize_slots(m, (m->slot_mask + 1) * 2))
        return NULL;
    page = calloc(1, sizeof *page);
    if (!page)
        return NULL;
    uint64_t base = at & ~(PAGE_SIZE - 1);
    page->key = sparse_key(pas, at);
    m->pages[sparse_slot(m, page->key)] = page;
    refresh_page(m, pas, page, base, base + PAGE_SIZE - 1);
    m->page_count++;
    return page;
}

smref_sparse *smref_sparse_new(smref_unmapped unmapped)
{
    smref_sparse *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->unmapped = unmapped;
    if (!resize_slots(m, 64)) {
        free(m);
        return NULL;
    }
    return m;
}

void smref_sparse_free(smref_sparse *m)
{
    if (!m)
        return;
    for (size_t i = 0; i <= m->slot_mask; i++)
        free(m->pages[i]);
    for (int pas = 0; pas < SMREF_PAS_COUNT; pas++)
        free(m->regions[pas]);
    free(m->glances);
    free(m->pages);
    free(m->aliases);
    free(m->undo);
    free(m);
}

/* A region of the space that holds it, where none is yet. */
static smref_status declare_there(smref_sparse *m, smref_pas pas, struct region region)
{
    void *regions = m->regions[pas];
    size_t i = region_at(m, pas, region.first);
    if (!grow(&regions, &m->region_room[pas], m->region_count[pas], sizeof(struct region)))
        return SMREF_E_NO_MEMORY;
    m->regions[pas] = regions;
    memmove(&m->regions[pas][i + 1], &m->regions[pas][i], (m->region_count[pas] - i) * sizeof(struct region));
    m->regions[pas][i] = region;
    m->region_count[pas]++;
    /* Pages that a neighbour already brought into being: only the first and the last page can be shared. */
    uint64_t edges[2] = {region.first, region.last};
    for (int e = 0; e < 2; e++) {
        uint64_t base = edges[e] & ~(PAGE_SIZE - 1), end = base + PAGE_SIZE - 1;
        struct page *page = page_of(m, pas, base);
        if (page)
            refresh_page(m, pas, page, region.first > base ? region.first : base,
                         region.last < end ? region.last : end);
    }
    return SMREF_OK;
}

/* Piece by piece of those that one space holds: first to see that there is nothing, then to declare it. */
static smref_status declare(smref_sparse *m, smref_pas pas, uint64_t at, uint64_t size, uint8_t fill,
                            const uint8_t *bytes)
{
    if ((unsigned)pas >= SMREF_PAS_COUNT || !size || at + (size - 1) < at)
        return SMREF_E_ARGUMENT;
    smref_status status = SMREF_OK;
    for (int pass = 0; pass < 2; pass++) {
        uint64_t first = at, end;
        for (bool more = true; more && status == SMREF_OK; first = end + 1) {
            end = at + (size - 1);
            smref_pas held = held_by(m, pas, first, &end);
            size_t i = region_at(m, held, first);
            more = end != at + (size - 1);
            if (pass)
                status = declare_there(
                    m, held, (struct region){first, end, bytes ? bytes + (first - at) : NULL, fill});
            else if (i < m->region_count[held] && m->regions[held][i].first <= end)
                status = SMREF_E_OVERLAP;
        }
    }
    return status;
}

smref_status smref_sparse_declare(smref_sparse *m, smref_pas pas, uint64_t at, uint64_t size, uint8_t fill)
{
    return declare(m, pas, at, size, fill, NULL);
}

smref_status smref_sparse_borrow(smref_sparse *m, smref_pas pas, uint64_t at, uint64_t size,
                                 const void *bytes)
{
    return bytes ? declare(m, pas, at, size, 0, bytes) : SMREF_E_ARGUMENT;
}

static bool present(const smref_sparse *m, smref_pas pas, uint64_t at, uint64_t size)
{
    return m->unmapped == SMREF_UNMAPPED_ZERO || covered(m, pas, at, at + (size - 1));
}

static bool set_word(smref_sparse *m, uint64_t *word, uint64_t value)
{
    if (m->journal) {
        void *undo = m->undo;
        if (!grow(&undo, &m->undo_room, m->undo_count, sizeof(struct undo)))
            return false;
        m->undo = undo;
        m->undo[m->undo_count++] = (struct undo){word, *word};
    }
    *word = value;
    return true;
}

smref_status smref_sparse_store(smref_sparse *m, smref_pas pas, uint64_t at, const void *bytes, size_t size)
{
    if ((unsigned)pas >= SMREF_PAS_COUNT || (size && at + (size - 1) < at))
        return SMREF_E_ARGUMENT;
    if (size && !covered(m, pas, at, at + (size - 1)))
        return SMREF_E_UNMAPPED;
    const uint8_t *from = bytes;
    struct page *page = NULL;
    for (size_t i = 0; i < size; i++) {
        uint64_t byte = at + i, offset = byte & (PAGE_SIZE - 1);
        if (!page || !offset)
            page = make_page(m, pas, byte);
        if (!page)
            return SMREF_E_NO_MEMORY;
        uint64_t *word = &page->words[offset / 8];
        if (!(offset & 7) && size - i >= 8) {
            if (!set_word(m, word, word_of(from + i)))
                return SMREF_E_NO_MEMORY;
            i += 7;
            continue;
        }
        unsigned shift = (unsigned)(offset & 7) * 8;
        if (!set_word(m, word, (*word & ~(UINT64_C(0xff) << shift)) | (uint64_t)from[i] << shift))
            return SMREF_E_NO_MEMORY;
    }
    return SMREF_OK;
}

smref_status smref_sparse_load(smref_sparse *m, smref_pas pas, uint64_t at, void *bytes, size_t size)
{
    if ((unsigned)pas >= SMREF_PAS_COUNT || (size && at + (size - 1) < at))
        return SMREF_E_ARGUMENT;
    if (size && !covered(m, pas, at, at + (size - 1)))
        return SMREF_E_UNMAPPED;
    uint8_t *to = bytes;
    for (size_t i = 0; i < size; i++) {
        uint64_t byte = at + i;
        const struct page *page = page_of(m, pas, byte);
        to[i] = page ? (uint8_t)(page->words[(byte & (PAGE_SIZE - 1)) / 8] >> (byte & 7) * 8)
                     : initial_byte(m, pas, byte);
    }
    return SMREF_OK;
}

bool smref_sparse_next_stored(const smref_sparse *m, size_t *cursor, smref_pas *pas, uint64_t *at)
{
    while (*cursor <= m->slot_mask) {
        const struct page *page = m->pages[(*cursor)++];
        if (!page)
            continue;
        *pas = sparse_space(page->key);
        *at = page->key << PAGE_BITS;
        return true;
    }
    return false;
}

void smref_sparse_checkpoint(smref_sparse *m)
{
    m->journal = true;
    m->undo_count = 0;
}

void smref_sparse_rollback(smref_sparse *m)
{
    while (m->undo_count) {
        const struct undo *u = &m->undo[--m->undo_count];
        *u->word = u->old;
    }
    m->journal = false;
}

void smref_sparse_commit(smref_sparse *m)
{
    m->undo_count = 0;
    m->journal = false;
}

smref_mem_result smref_sparse_read_words(const smref_sparse *m, smref_pas pas, uint64_t address,
                                         unsigned count, uint64_t *words)
{
    const struct page *page = page_of(m, pas, address);
    uint64_t first = (address & (PAGE_SIZE - 1)) / 8;
    if (page && page->whole && first + count <= PAGE_SIZE / 8) {
        memcpy(words, &page->words[first], count * sizeof *words);
        return SMREF_MEM_OK;
    }
    if (!present(m, pas, address, (uint64_t)count * 8))
        return SMREF_MEM_ABORT;
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = address + i * UINT64_C(8);
        page = page_of(m, pas, at);
        words[i] = page ? page->words[(at & (PAGE_SIZE - 1)) / 8] : initial_word(m, pas, at);
    }
    return SMREF_MEM_OK;
}

/* The bytes of a word that are declared; the others ignore writes. */
static bool write_declared(smref_sparse *m, smref_pas pas, uint64_t at, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)(word >> 8 * i);
        if (covered(m, pas, at + i, at + i) && smref_sparse_store(m, pas, at + i, &byte, 1) != SMREF_OK)
            return false;
    }
    return true;
}

smref_mem_result smref_sparse_write_words(smref_sparse *m, smref_pas pas, uint64_t address, unsigned count,
                                          const uint64_t *words)
{
    bool whole = covered(m, pas, address, address + (uint64_t)count * 8 - 1);
    if (!whole && m->unmapped == SMREF_UNMAPPED_ABORT)
        return SMREF_MEM_ABORT;
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = address + i * UINT64_C(8);
        if (!whole) {
            if (!write_declared(m, pas, at, words[i]))
                return SMREF_MEM_ABORT;
            continue;
        }
        struct page *page = make_page(m, pas, at);
        if (!page || !set_word(m, &page->words[(at & (PAGE_SIZE - 1)) / 8], words[i]))
            return SMREF_MEM_ABORT;
    }
    return SMREF_MEM_OK;
}
