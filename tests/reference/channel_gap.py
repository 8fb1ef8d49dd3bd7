"""Published and independently computed values for the channel gap, with their sources."""

from __future__ import annotations

# Oaxaca decomposition of hourly real wages, Chicago labour market (R package oaxaca, Hlavac 2014;
# complete cases: 287 natives are A, 379 foreign-born are B; wage = exp(ln.real.wage); covariates
# age, female, LTHS, some.college, college, advanced.degree). Values computed independently of this
# library, from that data.
CHICAGO_COVARIATES = ["age", "female", "LTHS", "some.college", "college", "advanced.degree"]
CHICAGO_GAP = 3.015574
CHICAGO_THREEFOLD = {
    "endowments": 1.6165339,
    "coefficients": 2.8333261,
    "interaction": -1.4342857,
}
CHICAGO_EXPLAINED = {
    0.0: 1.6165339,
    1.0: 0.1822482,
    0.5: 0.8993911,
    "cotton": 0.9984559,
    "neumark": 1.3557222,
    "pooled": 0.9525717,
}

# Credit card spending by home ownership (Greene; ships with statsmodels as ccard), against Stata's
# oaxaca: threefold, and the two-fold of Neumark's pooled regression that statsmodels documents.
CCARD_THREEFOLD = {
    "endowments": 321.7482,
    "coefficients": 75.4537,
    "interaction": -238.4515,
}
CCARD_GAP = 158.7504
CCARD_POOLED = {"explained": 130.8095, "unexplained": 27.9409}

# Das Gupta (1993), Standardization and Decomposition of Rates, U.S. Bureau of the Census, examples
# 2.1 (mean earnings of persons, two factors) and 2.2 (birth rates of Austria and Chile, three).
DAS_GUPTA_2_1 = ([16591, 0.825974], [10930, 0.717892], [4369.913, 1487.262])
DAS_GUPTA_2_2 = (
    [84.90502, 0.75756, 0.51065],
    [51.78746, 0.45919, 0.52638],
    [10.4340333, 10.5608476, -0.6670084],
)

# Student's sleep data (Cushny and Peebles 1905), R: t.test(extra ~ group, sleep).
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
SLEEP_WELCH = {"t": -1.8608135, "df": 17.776474, "p": 0.0793941}

# NIST Statistical Reference Datasets, one-way analysis of variance; both ship with scipy.
NIST_F = {"SiRstv": 1.18046237440255, "SmLs09": 2001.0}

# Cinelli and Hazlett (2020), Making sense of sensitivity, JRSS B 82, section 5 (Darfur): the
# estimate .097 with standard error .023 on 783 degrees of freedom has robustness value .139.
DARFUR = {"estimate": 0.097, "std_error": 0.023, "df": 783, "robustness": 0.139}
