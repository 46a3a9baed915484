// Requests over one kept connection, one after the other; prints the nanoseconds of each.
//
// usage: round_trips URL COUNT
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t take(char *bytes, size_t size, size_t count, void *total) {
  (void)bytes;
  *(size_t *)total += size * count;
  return size * count;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **words) {
  if (count != 3) return 2;
  int requests = atoi(words[2]);
  int64_t *durations = calloc(requests, sizeof *durations);
  size_t total = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, words[1]);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &total);
  for (int i = -100; i < requests; i++) {
    int64_t begin = now();
    if (curl_easy_perform(easy) != CURLE_OK) return 1;
    if (i >= 0) durations[i] = now() - begin;
  }
  for (int i = 0; i < requests; i++) printf("%lld\n", (long long)durations[i]);
  curl_easy_cleanup(easy);
  return total == 0;
}
