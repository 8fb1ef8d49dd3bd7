"""Published and independently computed values for selling time, with their sources."""

from __future__ import annotations

# Grunfeld's investment data (Baltagi, Econometric Analysis of Panel Data, table 2.1: 10 firms, 1935
# to 1954; ships with statsmodels with an 11th firm, American Steel): within-firm slopes of investment
# on value of the firm and on its capital.
GRUNFELD_WITHIN = (0.110124, 0.310065)

# Newcombe (1998), Statistics in Medicine 17, 857–872, table I: 81 of 263, the score interval without
# continuity correction, 95%; and 17, 873–890, table II: 56/70 less 48/80, method 10.
WILSON = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605)}
NEWCOMBE = ((56, 70), (48, 80), (0.0524, 0.3339))

# Albers, Mantrala and Sridhar (2010), Journal of Marketing Research 47, 840–853.
PERSONAL_SELLING_ELASTICITY = 0.34
