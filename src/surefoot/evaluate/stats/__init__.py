"""How sure a number is, and what may be concluded from two of them. Knows numbers only, not what they measure."""

from surefoot.evaluate.stats.choosing import Choice as Choice
from surefoot.evaluate.stats.choosing import Contender as Contender
from surefoot.evaluate.stats.choosing import cheapest_of_the_tied as cheapest_of_the_tied
from surefoot.evaluate.stats.choosing import corrected_for_choice as corrected_for_choice
from surefoot.evaluate.stats.families import benjamini_hochberg as benjamini_hochberg
from surefoot.evaluate.stats.families import holm as holm
from surefoot.evaluate.stats.intervals import amount_score as amount_score
from surefoot.evaluate.stats.intervals import mean_score as mean_score
from surefoot.evaluate.stats.intervals import paired_difference as paired_difference
from surefoot.evaluate.stats.intervals import quantile_score as quantile_score
from surefoot.evaluate.stats.intervals import ratio_score as ratio_score
from surefoot.evaluate.stats.intervals import too_few as too_few
from surefoot.evaluate.stats.intervals import wilson as wilson
from surefoot.evaluate.stats.judging import ENOUGH_LABELS as ENOUGH_LABELS
from surefoot.evaluate.stats.judging import agreement as agreement
from surefoot.evaluate.stats.judging import judged_mean as judged_mean
from surefoot.evaluate.stats.looks import worse_so_far as worse_so_far
from surefoot.evaluate.stats.power import design_effect as design_effect
from surefoot.evaluate.stats.power import measured_spread as measured_spread
from surefoot.evaluate.stats.power import questions_needed as questions_needed
from surefoot.evaluate.stats.power import smallest_difference as smallest_difference
from surefoot.evaluate.stats.sayings import verdict_text as verdict_text
from surefoot.evaluate.stats.signs import mcnemar as mcnemar
from surefoot.evaluate.stats.signs import sign_flip as sign_flip
from surefoot.evaluate.stats.verdicts import Verdict as Verdict
from surefoot.evaluate.stats.verdicts import compare as compare
