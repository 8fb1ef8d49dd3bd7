"""Published and externally computed values for the performance curve, with their sources."""

from __future__ import annotations

# Efron & Morris (1975), JASA 70, table 1: hits of 18 players in their first 45 times at bat, 1970.
# The averages shrink towards their mean by c = 0.2117.
BATTING_HITS = (18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)
BATTING_TIMES = 45
BATTING_FACTOR = 0.2117

# Clauset, Shalizi & Newman (2009), SIAM Review 51: word counts of Moby Dick (words.txt of the
# paper's supplement): xmin 7, exponent 1.95, 2,958 words in the tail; four decimals recomputed.
WORDS_START, WORDS_EXPONENT, WORDS_TAIL = 7, 1.9527, 2_958

# Bates et al. (2015), J. Statistical Software 67: lme4's sleepstudy and its Dyestuff data.
# lmer(Reaction ~ Days + (Days | Subject)), REML
SLEEP_FIXED = (251.4051, 10.4673)
SLEEP_SDS, SLEEP_CORRELATION, SLEEP_RESIDUAL = (24.740, 5.922), 0.066, 25.592
# lmer(Reaction ~ Days + (1 | Subject)), REML
SLEEP_INTERCEPT_SD, SLEEP_INTERCEPT_RESIDUAL = 37.124, 30.991
# lmer(Yield ~ 1 + (1 | Batch)): variances
DYESTUFF_REML, DYESTUFF_RESIDUAL, DYESTUFF_ML = 1764.05, 2451.25, 1388.33
DYESTUFF2_BETWEEN = 0.0

# Sales Executive Council, as quoted second-hand: an illustration in millions, and a survey's
# "the top 20% deliver 60%".
ILLUSTRATION = {"star": 50.0, "core": 102.0, "laggard": 20.0}
ILLUSTRATION_RATIO = 2.04
SURVEY_STAR_SHARE = 0.60
SURVEY_RATIO = 2 / 3
