"""Damaged text -> repaired text, with what was done and how sure it is.

A noisy channel: the text was misread by a code page, perhaps more than once, and some of its bytes
were lost. The readings that could have been damaged into exactly these characters are listed, and
a language model chooses. The path, one line a module:

    off          text -> does it ask to be left alone?
    suspicion    text -> may it be damaged at all? (the only question sound text is asked)
    suspects     text -> where may it be damaged?
    code         text -> text with its code blanked out
    quoted       text -> the lines to leave alone: switched off, or mojibake quoted on purpose
    evidence     text -> is it damaged, and which of its lines may be: the document is weighed before any line
    whole        text -> text of another language that lost nothing
    chardata     code page -> what it shows for each byte
    codepages    text -> damaged text: the channel, forwards
    readings     damaged word -> the texts it may have been: the channel, backwards
    wordtable    damaged word -> its reading or a choice, remembered
    chains       text -> the chain of misreadings it went through
    search       words in doubt -> the best of each, by what stands around them
    lost         text -> its words whose letters became question marks
    foreign      line -> line in another language, by its word list
    unread       text -> its damage that stays as it is, to be told
    escapes      line -> letters written out as bytes: `=C3=A9`
    remains      line -> words that are what is left of others
    entities     line -> letters that were damaged and then written as HTML entities
    general      line -> line in any other language, by ftfy
    plausibility  text -> how likely it is in any language
    wordlists    word -> how common it is, of those that lose a byte, from `words.bin`
    transcoding  text -> text that was shown whole in a wrong encoding, with nothing lost
    split        text cut up -> the account of its repairs
    engine       text -> RepairedText: all of the above in order
    calibration  share of the probability -> confidence
    fragments    text of a few words, repaired -> is it better left as it was?
    review       repairs -> what a person should look at

    values       what goes in and comes out
    words        text -> word numbers, as the model counts them
    emoji        emoji -> the words it stands beside
    marks        characters that the counts are too small to know
    model        counts -> log-probabilities, from `model.bin`; the bench makes that file
"""

from pipeline.repair.off import is_repair_off
from pipeline.repair.review import find_doubts
from pipeline.repair.suspicion import is_suspicious
from pipeline.repair.values import DEFAULT, RepairedText, RepairOptions

__all__ = [
    "DEFAULT",
    "RepairOptions",
    "RepairedText",
    "find_doubts",
    "is_repair_off",
    "is_suspicious",
    "repair_text",
]


def repair_text(text: str, options: RepairOptions = DEFAULT) -> RepairedText:
    """Give back what the text said before it was misread; sound text comes back as it is.

    Pure: the same text and options give the same result. The model is read on the first damaged text.

    >>> repair_text('Há»c táºp').text
    'Học tập'
    """
    if not is_suspicious(text):
        return RepairedText(text)
    from pipeline.repair.engine import repair_suspicious

    return repair_suspicious(text, options)
