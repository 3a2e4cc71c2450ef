"""Lists of English words that the rules go by. Words of a subject are data of its pack (app/exam/lexicon.py)."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _words(
    """
    about after again also although among another because been before being below best better between both
    cannot company companies could desired does doing done down during each either else enough every everything
    existing fewest first following from given going have having here however into itself just keep keeps kept
    least less like lowest made make makes many meet meets more most much must need needed needs neither next
    none nothing number once only other others over same shall should since single solution some still such
    than that their them then there these they thing this those through thus together toward under until upon
    uses used using very want wants well were what when where whether which while whose will with within
    without would your yours able action actions allow allows answer application applications architect
    changes combination configure create data design meeting requirement requirements service services
    """
)
"""Words of four letters or more that give nothing away, as nearly every stem and option has them."""

# Verbs that begin an option as a command.
IMPERATIVES = _words(
    """
    accept activate add adjust admit advertise aggregate alert alias allow analyze append apply archive ask
    assess assign associate attach authorize automate back block bring build bundle buy cache call cancel
    capture centralize chain change check choose clone close collect combine compare complete compress
    configure connect consolidate convert copy count create cut cache deactivate decouple define delegate
    delete deliver deny deploy design detach disable distribute divide do double download drain duplicate edit
    enable encrypt enforce enter establish evaluate exclude expand export expose extend feed fetch filter find
    fix follow force form forward generate get give grant group hand hold host identify implement import
    include increase index install integrate interview introduce invite invoke issue keep launch leave let
    lift light limit link list load lock log look lower maintain make manage map mark measure merge migrate
    mirror modify monitor mount move name notify offer open operate opt order pack package parse partition
    pass patch pause peer perform pin place plan point poll prefer prepare prevent price promote protect
    provide provision publish pull purchase push put raise read rebuild receive reconfigure record recreate
    redesign redirect reduce refactor refer refresh register rehost reject relocate remove rename repair
    repeat replace replatform replicate report repurchase request require reserve reset resize resolve
    restore restrict retain retire retry return reuse review revoke rewrite rotate route run save scale
    schedule search select sell send separate serve set share ship shorten shrink shut sign size snapshot
    split spread stage start stay stop store stream submit subscribe suspend switch synchronize tag take
    terminate test throttle tie tighten track train transfer transform translate transmit try turn unload
    update upgrade upload use validate verify wait warn watch work wrap write
    clean fill hang heat mend oil paint ring sound trim wipe
    """
)

# What a noun phrase begins with.
DETERMINERS = _words("a an the one two three four five each every its their this that these no")
# What may stand before a command: “In the management account, turn on …”.
OPENERS = _words(
    "after as at before by during for from if in inside on once over per to under when where while with "
    "within then instead first"
)

ABSOLUTE = re.compile(
    r"\b(?:always|never|only|all|none|every|completely|must|guarantee(?:s|d)?|impossible)\b", re.IGNORECASE
)
VAGUE = re.compile(
    r"\b(?:often|sometimes|usually|frequently|occasionally|may|generally|some)\b", re.IGNORECASE
)
SUPERLATIVE = re.compile(
    r"\b(?:MOST|LEAST|FEWEST|LOWEST|HIGHEST|FASTEST|SLOWEST|SHORTEST|LONGEST|CHEAPEST|SMALLEST|LARGEST"
    r"|GREATEST|BEST|MINIMUM|MAXIMUM|MINIMAL|MAXIMAL|FIRST|ONLY|NOT|EXCEPT|MUST|ALL)\b"
)
MANAGED = ("managed", "serverless", "automatic", "automatically")
LEGACY = re.compile(
    r"\b(?:legacy|formerly|former|old|older|previously|once|retired|discontinued|still|existing|today|"
    r"years ago|inherited)\b",
    re.IGNORECASE,
)
