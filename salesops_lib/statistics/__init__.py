"""Statistical methods that know no sales words; the analyses rest on them.

Tests and limits: `means`, `permutation`, `fieller`, `mover`, `products`, `ratio_means`, `picked`, `conformal`.

Many noisy units at once: `shrinkage` (`normal_mixtures`), `shrunken_means`, `shrunken_ratios`, `variance_components`,
`informed`.

Distributions and totals: `families`, `goodness_of_fit`, `power_law_tail`, `cutoff_power_law`, `skewness`,
`log_means`, `log_variance`, `rare_sums`.

Regressions: `cluster_moments` and `design` feed `least_squares` and `cluster_bootstrap`; `two_way_effects`,
`poisson_means`, `fractional_logit`, `omitted_variable`.

Differences taken apart: `oaxaca`, `oaxaca_sequential` (both on `oaxaca_problem`), `das_gupta`; `bilinear` and
`product_limits` are their errors and limits.

Time until something, and growth: `survival`, `weibull`, `learning_curve` (`growth_score`, `growth_delay`, on
`repeated` values).

Series: `smoothing`, `seasonal_smoothing`, `seasonality`, `cycle_effects`, `level_shifts`, `autoregression`,
`reconciliation`.
"""
