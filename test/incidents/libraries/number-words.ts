// Owns: numbers to words in a few languages, clean. May import: the filler. Start here: numberWordsLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerCode } from '../filler.ts';
import { py } from '../python-text.ts';

/** Numbers to words in a few languages, about 500 lines. */
export function numberWordsLibrary(): FileMap {
  return {
    'num2words/__init__.py': py`"""Convert numbers to words in several languages."""
from __future__ import unicode_literals

from . import lang_DE, lang_EN, lang_FR

CONVERTER_CLASSES = {
    "de": lang_DE.Num2Word_DE(),
    "en": lang_EN.Num2Word_EN(),
    "fr": lang_FR.Num2Word_FR(),
}

CONVERTES_TYPES = ["cardinal", "ordinal", "ordinal_num", "year", "currency"]


def num2words(number, ordinal=False, lang="en", to="cardinal", **kwargs):
    """Words of a number; lang may carry a region, which is ignored when unknown."""
    if lang not in CONVERTER_CLASSES:
        lang = lang[:2]
    if lang not in CONVERTER_CLASSES:
        raise NotImplementedError(lang)
    converter = CONVERTER_CLASSES[lang]
    if isinstance(number, str):
        number = converter.str_to_number(number)
    if ordinal:
        to = "ordinal"
    if to not in CONVERTES_TYPES:
        raise NotImplementedError(to)
    return getattr(converter, "to_" + to)(number, **kwargs)
`,
    'num2words/base.py': py`"""The algorithm that all languages share."""
from __future__ import unicode_literals

from decimal import Decimal


class Num2Word_Base(object):
    units = []
    tens = []
    high = [(10 ** 9, "billion"), (10 ** 6, "million"), (1000, "thousand"), (100, "hundred")]
    join_tens = "-"
    minus = "minus"
    point = "point"

    def str_to_number(self, value):
        return Decimal(value)

    def below_hundred(self, number):
        if number < 20:
            return self.units[number]
        ten, one = divmod(number, 10)
        return self.tens[ten] + (self.join_tens + self.units[one] if one else "")

    def to_cardinal(self, number):
        if number != int(number):
            return self.to_cardinal_float(number)
        number = int(number)
        if number < 0:
            return self.minus + " " + self.to_cardinal(-number)
        for value, word in self.high:
            if number >= value:
                head, rest = divmod(number, value)
                text = "%s %s" % (self.to_cardinal(head), word)
                return text + (" " + self.to_cardinal(rest) if rest else "")
        return self.below_hundred(number)

    def to_cardinal_float(self, number):
        whole, _, digits = str(number).partition(".")
        words = [self.to_cardinal(int(whole)), self.point]
        words.extend(self.to_cardinal(int(digit)) for digit in digits)
        return " ".join(words)

    def to_ordinal(self, number):
        return self.to_cardinal(number)

    def to_ordinal_num(self, number):
        return str(number)

    def to_year(self, number):
        return self.to_cardinal(number)

    def to_currency(self, number, currency="EUR", cents=True):
        whole, part = divmod(int(round(number * 100)), 100)
        text = "%s %s" % (self.to_cardinal(whole), currency)
        return text + (", %s cents" % self.to_cardinal(part) if cents else "")
`,
    'num2words/lang_EN.py': language(
      'EN',
      'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
      'twenty thirty forty fifty sixty seventy eighty ninety',
      'zero',
    ),
    'num2words/lang_DE.py': language(
      'DE',
      'eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn',
      'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
      'null',
    ),
    'num2words/lang_FR.py': language(
      'FR',
      'un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf',
      'vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix',
      'zéro',
    ),
    'num2words/tables.py': `"""Tables of currencies."""\n\n\n${fillerCode(160, 21)}`,
  };
}

function language(code: string, units: string, tens: string, zero: string): string {
  return py`# -*- coding: utf-8 -*-
"""Words of the language ${code}."""
from __future__ import unicode_literals

from .base import Num2Word_Base


class Num2Word_${code}(Num2Word_Base):
    units = "${zero} ${units}".split()
    tens = [""] * 2 + "${tens}".split()
`;
}
