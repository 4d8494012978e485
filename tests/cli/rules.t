smref rules and smref rule.

$ smref rule STE_S1_UNSUPPORTED
STE_S1_UNSUPPORTED  (required, section 5.2.2)
stage 1 is enabled but not implemented

  subject   STE
  when      derived.ste_checked && derived.s1_enabled && IDR0.S1P == 0
            derived.s1_enabled: stage 1 translates; STE.Config in {5, 7}
            derived.ste_checked: the STE is valid and asks for more than an
              abort, so its other fields are judged; STE.V == 1 && STE.Config[2]
              == 1
  outcome   C_BAD_STE

## An event: the rules that end in it.
$ smref rule F_ACCESS
F_ACCESS  (event 0x12, section 7.3.15)
Access flag is clear

rules that end in it

walk
  S1_ACCESS_FLAG                  stage 1: AF is 0 in the leaf descriptor
                                  (7.3.15)
  S2_ACCESS_FLAG                  stage 2: AF is 0 in the leaf descriptor
                                  (7.3.15)

## A choice: its options, and the rules that ask it.
$ smref rule EATS_FULL_S2S
EATS_FULL_S2S  (CONSTRAINED UNPREDICTABLE, section 5.2)
SMMUv3.0: whether full ATS with S2S 1 is ILLEGAL although stage 2 is off

  options
            legal              it is not (default)
            illegal            C_BAD_STE; only until SMMUv3.0

rules
  STE_EATS_FULL_S2S               full ATS together with stage 2 stalls (5.2.2)

$ smref rule CD_INVALID --json
{"id":"CD_INVALID","section":"5.4.2","kind":"required","subject":"CD","title":"CD.V is 0","when":"CD.V == 0","outcome":"C_BAD_CD"}

$ smref rules --subject STE --json | grep -v '"subject":"STE"'
[1]
$ smref rules --kind impdeff
smref rules: no rule has the kind impdeff; nearest: impdef
try: smref rules --help
[2]
$ smref rules CD_INVALID
smref rules: takes no name; one rule is shown by: smref rule CD_INVALID
try: smref rules --help
[2]
$ smref rule CD_INVALD
smref rule: no rule, event, choice or erratum CD_INVALD; nearest: CD_INVALID
try: smref rule --help
[2]
$ smref rule
smref rule: which rule? smref rules lists them
try: smref rule --help
[2]
