#pragma once

#include <curl/curl.h>

// libcurl's setters take a variable argument list, which Swift cannot call. Each function here fixes
// the type of that argument.

#pragma clang assume_nonnull begin

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *_Nullable value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *_Nullable value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *_Nullable value);
/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback callback);
CURLcode ccurl_set_prerequest_callback(CURL *easy, curl_prereq_callback callback);

CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void *_Nullable *_Nonnull value);
CURLcode ccurl_get_socket(CURL *easy, curl_socket_t *value);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *_Nullable value);
CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback);
CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback);

#pragma clang assume_nonnull end
