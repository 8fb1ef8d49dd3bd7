"""What others have published about selling time, with its source: context and prior, never the
user's own result."""

from __future__ import annotations

# Albers, Mantrala & Sridhar (2010), Personal Selling Elasticities: A Meta-Analysis, Journal of
# Marketing Research 47, 840–853: 506 estimates from 75 articles average .34, and .31 once what the
# methods of the studies do to them is taken out. It is a current-period elasticity of sales with
# respect to selling effort.
PRIOR_MEAN = 0.34
# How far a company lies from that average. The means of kinds of setting in that paper (older and
# newer products, Europe and the United States, early and late years, all industries at .34 against
# pharmaceuticals at .245) already lie about a tenth apart, and companies differ more than means do.
# An elasticity below 0 would say that selling loses sales, one near 1 that twice the hours sell twice
# as much, and firms that choose their effort sensibly are at neither: .20 puts 19 companies of 20
# between −.05 and .73. The spread of the 506 estimates themselves is no guide, because it holds
# their sampling error and their methods too.
PRIOR_SD = 0.20
PRIOR_SOURCE = "Albers, Mantrala and Sridhar 2010, Journal of Marketing Research"

# CSO Insights, Sales Performance Optimization 2011, as quoted by Selling Power, 8 March 2011: share of
# time selling by phone or face to face, and the share of reps who make quota where it is 35% at most,
# and above 45%.
SELLING_SHARE = 0.41
QUOTA_AT_LEAST_SELLING, QUOTA_AT_MOST_SELLING = (0.35, 0.55), (0.45, 0.62)
SURVEY = "CSO Insights 2011"
