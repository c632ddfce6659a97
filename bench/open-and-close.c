// Opens and closes /dev/null for some seconds, RATE times a second (0: as often as it can), and prints how often and how
// many nanoseconds of processor time that took.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
	double duration = count > 1 ? atof(arguments[1]) : 1, rate = count > 2 ? atof(arguments[2]) : 0;
	double begun = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID), now = begun;
	long done = 0;
	while (now - begun < duration) {
		for (int batch = 0; batch < 100; batch++, done++)
			close(open("/dev/null", O_RDONLY));
		now = seconds(CLOCK_MONOTONIC);
		if (rate > 0 && done / rate > now - begun)
			usleep((done / rate - (now - begun)) * 1e6);
	}
	printf("%ld %.1f\n", done, (seconds(CLOCK_PROCESS_CPUTIME_ID) - used) * 1e9 / done);
}
