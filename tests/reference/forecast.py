"""Published and computed values that forecasts are held to."""

from __future__ import annotations

# Athanasopoulos, Hyndman, Song & Wu (2011), "The tourism forecasting competition", Tables 4 and 5:
# MAPE of the seasonal naive forecast over all horizons.
TOURISM_SEASONAL_NAIVE_MAPE = {"monthly": 22.56, "quarterly": 16.46}

# Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., section 11.4: RMSE of the
# total of Australian domestic tourism, ETS, trained to 2015, tested on 2016 and 2017.
FPP3_TOTAL_RMSE = {"base": 1720.72, "ols": 1803.52, "mint_shrink": 2157.29}

# Gneiting & Raftery (2007), eq. 5: CRPS of the standard normal distribution at 0, (√2 − 1)/√π.
CRPS_STANDARD_NORMAL_AT_ZERO = 0.2336950
