// SPDX-License-Identifier: GPL-2.0-only
#include "rate.h"

#include <stdio.h>

double rate_per_second(uint64_t count, int64_t nanoseconds)
{
	return nanoseconds > 0 ? count * 1e9 / nanoseconds : 0;
}

double rate_per_1000(uint64_t count, uint64_t frames)
{
	return frames ? count * 1000.0 / frames : -1;
}

void rate_format(double rate, char text[RATE_TEXT_BYTES])
{
	if (rate < 0)
		snprintf(text, RATE_TEXT_BYTES, "-");
	else if (rate == 0)
		snprintf(text, RATE_TEXT_BYTES, "0");
	else if (rate < 99.95)
		snprintf(text, RATE_TEXT_BYTES, "%.1f", rate);
	else if (rate < 99999999.5)
		snprintf(text, RATE_TEXT_BYTES, "%.0f", rate);
	else
		snprintf(text, RATE_TEXT_BYTES, "%.1e", rate);
}
