"""Values from outside this project that ramp-time cost is held to, each with its source."""

from __future__ import annotations

# R's lung data (survival_cancer.csv), survfit(Surv(time, status) ~ 1), 95% limits.
LUNG_MEDIAN = 310.0
LUNG_LOG = (285.0, 363.0)
# conf.type = "log-log", also lifelines' default.
LUNG_LOG_LOG = (284.0, 361.0)
# survfit(... ~ sex), conf.type = "log": sex → median, low, high.
LUNG_BY_SEX = {1: (270.0, 212.0, 310.0), 2: (426.0, 348.0, 550.0)}
# survdiff(Surv(time, status) ~ sex): chisq 10.3 on 1 degree of freedom, p = 0.001.
LUNG_LOG_RANK = (10.3, 1, 0.001)
# survreg(Surv(time, status) ~ 1): intercept, scale, log-likelihood.
LUNG_WEIBULL = (6.034904, 0.759394, -1153.851)

# R's ovarian data (survival_ovarian.csv), survreg(Surv(futime, fustat) ~ ecog.ps + rx).
OVARIAN_WEIBULL = {"Intercept": 6.89670, "ecog.ps": -0.38504, "rx": 0.52864}
OVARIAN_SCALE, OVARIAN_LOG_LIKELIHOOD = 0.88387, -97.0845

# R's pbc data (survival_pbc.csv), survRM2::rmst2 with tau = 10 years, death alone as the event:
# arm → restricted mean, standard error (arm 1 is trt == 1, arm 0 trt == 2).
PBC_RESTRICTED_MEAN = {1: (7.146, 0.283), 2: (7.283, 0.295)}

# NIST StRD, nonlinear regression, certified parameters of y = b1 (1 − exp(−b2 x)).
# https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
BOXBOD_X = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)
BOXBOD_Y = (109.0, 149.0, 149.0, 191.0, 213.0, 224.0)
BOXBOD = (213.80940889, 0.54723748542)
MISRA1A_X = (
    77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0,
)  # fmt: skip
MISRA1A_Y = (
    10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78,
)  # fmt: skip
MISRA1A = (238.94212918, 5.5015643181e-4)
