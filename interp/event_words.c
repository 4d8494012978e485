/* An event record in a sentence, and what usually causes it. */
#include "event_words.h"

#include <stdarg.h>
#include <string.h>

/* ---- The sentence ---------------------------------------------------------------------------------- */

static void say(char out[SMREF_EVENT_ROOM], const char *format, ...)
{
    size_t used = strlen(out);
    va_list args;

    va_start(args, format);
    vsnprintf(out + used, SMREF_EVENT_ROOM - used, format, args);
    va_end(args);
}

/* A field that the record has and whose value is known. */
static bool known(const smref_decoding *record, const char *name, uint64_t *value)
{
    const smref_decoded_field *field = smref_decoded_named(record, name);

    if (!field || field->state == SMREF_FIELD_UNKNOWN)
        return false;
    *value = field->value << field->info->address_low;
    return true;
}

static bool is_set(const smref_decoding *record, const char *name)
{
    uint64_t value;

    return known(record, name, &value) && value != 0;
}

static void say_access(const smref_decoding *record, char out[SMREF_EVENT_ROOM])
{
    uint64_t rnw, value;

    say(out, "%s", known(record, "RnW", &rnw) ? (rnw ? "read" : "write") : "access");
    if (known(record, "StreamID", &value))
        say(out, " by StreamID 0x%llx", (unsigned long long)value);
    if (is_set(record, "SSV") && known(record, "SubstreamID", &value))
        say(out, " SubstreamID 0x%llx", (unsigned long long)value);
    if (known(record, "InputAddr", &value))
        say(out, " at 0x%llx", (unsigned long long)value);
    if (known(record, "PnU", &value))
        say(out, ", %s", value ? "privileged" : "unprivileged");
    if (known(record, "InD", &value))
        say(out, value ? " instruction" : " data");
}

static void say_stage(const smref_decoding *record, char out[SMREF_EVENT_ROOM])
{
    const smref_decoded_field *class_of = smref_decoded_named(record, "CLASS");
    uint64_t value;

    if (known(record, "S2", &value))
        say(out, "; stage %d", value ? 2 : 1);
    if (class_of && class_of->code && class_of->code->means)
        say(out, ", %s", class_of->code->means);
    if (is_set(record, "S2") && known(record, "IPA", &value))
        say(out, ", IPA 0x%llx", (unsigned long long)value);
    if (known(record, "FetchAddr", &value))
        say(out, "; fetch at 0x%llx", (unsigned long long)value);
    if (is_set(record, "Stall") && known(record, "STAG", &value))
        say(out, "; stalled, STAG 0x%llx", (unsigned long long)value);
    if (is_set(record, "GPCF"))
        say(out, "; a granule protection check refused it");
}

const char *smref_event_sentence(const smref_decoding *record, char out[SMREF_EVENT_ROOM])
{
    out[0] = '\0';
    say_access(record, out);
    say_stage(record, out);
    return out;
}

/* ---- What usually causes it ------------------------------------------------------------------------ */

static const struct {
    smref_event_type type;
    const char *text;
} causes[] = {
    {SMREF_F_UUT, "the client sends a kind of transaction that the SMMU does not take"},
    {SMREF_C_BAD_STREAMID,
     "the StreamID lies outside the Stream table: iommu-map or IORT gives the device another "
     "one than it uses, or the table is too small"},
    {SMREF_F_STE_FETCH,
     "the SMMU cannot read the Stream table: STRTAB_BASE or an L1STD points at no memory, or the "
     "memory was freed or is protected"},
    {SMREF_C_BAD_STE,
     "the STE is not valid (no driver is bound to the device, or its StreamID is not the one that "
     "iommu-map or IORT says), or it is ILLEGAL: smref decode STE tells why"},
    {SMREF_F_BAD_ATS_TREQ,
     "the device sends ATS requests that its STE.EATS does not allow: ATS is on in the device "
     "and off in the SMMU"},
    {SMREF_F_STREAM_DISABLED,
     "the device sends accesses without a PASID where STE.S1DSS wants one, or with PASID 0 "
     "where S1DSS is SSID0"},
    {SMREF_F_TRANSL_FORBIDDEN,
     "the device sends ATS Translated accesses that its STE.EATS does not allow: ATS is on "
     "in the device and off in the SMMU, or the StreamID is wrong"},
    {SMREF_C_BAD_SUBSTREAMID, "the PASID is beyond STE.S1CDMax, its L1CD is not valid, or the stream has no "
                              "substreams: the PASID was not bound, or was unbound too early"},
    {SMREF_F_CD_FETCH,
     "the SMMU cannot read the CD: S1ContextPtr or an L1CD points at no memory, or the memory was "
     "freed or is protected"},
    {SMREF_C_BAD_CD,
     "the CD is not valid (the PASID is not bound), or it is ILLEGAL: smref decode CD tells why"},
    {SMREF_F_WALK_EABT,
     "the SMMU cannot read a translation table: a table descriptor points at no memory, or the "
     "table was freed or is protected"},
    {SMREF_F_ADDR_SIZE,
     "a descriptor holds an address beyond the output size (CD.IPS, STE.S2PS, IDR5.OAS), or a "
     "bypassed stream sends one"},
    {SMREF_F_ACCESS,
     "the Access flag of the descriptor is 0: tables of a CPU that sets it on a fault, or AFFD or "
     "hardware updates were expected"},
    {SMREF_F_TLB_CONFLICT,
     "two translations of one address: break-before-make was not kept, or an invalidation is "
     "missing"},
    {SMREF_F_CFG_CONFLICT,
     "two configurations of one stream: a CMD_CFGI_ command is missing, or STE.CONT is wrong"},
    {SMREF_E_PAGE_REQUEST, "a hint: the client wants these pages to be present"},
    {SMREF_F_VMS_FETCH, "the SMMU cannot read the VMS: STE.VMSPtr points at no memory"},
};

static const char *translation_cause(const smref_decoding *record)
{
    uint64_t address, class_of = SMREF_F_TRANSLATION_CLASS_IN;

    (void)known(record, "CLASS", &class_of);
    if (is_set(record, "S2") && class_of != SMREF_F_TRANSLATION_CLASS_IN)
        return "stage 2 does not map the CD or the stage 1 table of the guest: its memory is not all mapped";
    if (is_set(record, "S2"))
        return "stage 2 does not map the guest's address: the guest gave the device an address that is not "
               "its own";
    if (known(record, "InputAddr", &address) && address == 0)
        return "address 0: the device was started with an address that was never set, or is reset state";
    return "the address is not mapped: used before dma_map or after dma_unmap, past the end of a buffer, or "
           "cut to "
           "32 bits; or firmware left the device running";
}

static const char *permission_cause(const smref_decoding *record)
{
    uint64_t rnw;

    if (is_set(record, "InD"))
        return "an instruction fetch where the mapping does not permit execution";
    if (known(record, "RnW", &rnw) && rnw)
        return "a read where the mapping permits none: a buffer mapped for the device to write "
               "(DMA_FROM_DEVICE), "
               "or a privileged page";
    return "a write to a mapping that is read-only: a buffer mapped for the device to read (DMA_TO_DEVICE), "
           "or a "
           "privileged page";
}

const char *smref_event_likely(smref_event_type type, const smref_decoding *record)
{
    if (type == SMREF_F_TRANSLATION)
        return translation_cause(record);
    if (type == SMREF_F_PERMISSION)
        return permission_cause(record);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].type == type)
            return causes[i].text;
    return NULL;
}
