"""Mutants that were made by hand: each breaks one promise, in the way in which it is easily broken."""

from proof.mutants.handmade.claims import CLAIMS
from proof.mutants.handmade.messages import MESSAGES
from proof.mutants.handmade.money import MONEY
from proof.mutants.handmade.stock import STOCK
from proof.mutants.words import Mutant

HANDMADE: tuple[Mutant, ...] = CLAIMS + MESSAGES + STOCK + MONEY
