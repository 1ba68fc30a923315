// SPDX-License-Identifier: Apache-2.0
// Addresses, retry rules, S3's XML, profiles, redaction: everything that needs no server.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "core/error.hpp"
#include "net/credentials.hpp"
#include "net/endpoints.hpp"
#include "net/host_gate.hpp"
#include "net/redact.hpp"
#include "net/retry.hpp"
#include "net/s3.hpp"
#include "net/s3_xml.hpp"
#include "net/url.hpp"

namespace hls::net {
namespace {

TEST(Url, PartsAndBack) {
    const Url url = parse_url("HTTPS://Host.Example:8443/a%20b/c?x=1&y=%2F#part");
    EXPECT_EQ(url.host, "host.example");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.path, "/a%20b/c");
    EXPECT_EQ(url.query, "x=1&y=%2F");
    EXPECT_EQ(to_string(url), "https://host.example:8443/a%20b/c?x=1&y=%2F");
    EXPECT_EQ(authority(parse_url("http://[::1]:80/")), "[::1]");
    EXPECT_EQ(parse_url("https://h?q").path, "/");
    for (const char* bad : {"ftp://h/", "https://", "//h/p", "https://u:p@h/", "https://h:0/",
                            "https://h/a b", "https://h\\@evil/", "https://h:99999/"})
        EXPECT_THROW(parse_url(bad), Error) << bad;
}

TEST(Url, RefusalsDoNotRepeatSecrets) {
    try {
        parse_url("https://bob:hunter2@host/path?token=abc");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.message.find("hunter2"), std::string::npos) << error.message;
        EXPECT_EQ(error.message.find("abc"), std::string::npos) << error.message;
    }
}

TEST(Url, RedirectsResolveLikeBrowsers) {
    const Url base = parse_url("https://h.example/a/b?q=1");
    EXPECT_EQ(to_string(resolve(base, "https://other/x")), "https://other/x");
    EXPECT_EQ(to_string(resolve(base, "//other/x")), "https://other/x");
    EXPECT_EQ(to_string(resolve(base, "/x/y?z=2")), "https://h.example/x/y?z=2");
    EXPECT_EQ(to_string(resolve(base, "c")), "https://h.example/a/c");
    EXPECT_EQ(to_string(resolve(base, "../c/./d")), "https://h.example/c/d");
    EXPECT_EQ(to_string(resolve(base, "?z=2")), "https://h.example/a/b?z=2");
    EXPECT_EQ(to_string(resolve(base, "x?next=https://evil/")),
              "https://h.example/a/x?next=https://evil/");
}

TEST(Url, HostsMatchAtDotsOnly) {
    EXPECT_TRUE(host_within("download.dataspace.copernicus.eu", "dataspace.copernicus.eu"));
    EXPECT_TRUE(host_within("dataspace.copernicus.eu", "dataspace.copernicus.eu"));
    EXPECT_FALSE(host_within("dataspace.copernicus.eu.evil.test", "dataspace.copernicus.eu"));
    EXPECT_FALSE(host_within("evildataspace.copernicus.eu", "dataspace.copernicus.eu"));
    EXPECT_TRUE(is_loopback("127.0.0.53"));
    EXPECT_FALSE(is_loopback("127.0.0.1.evil.test"));
}

TEST(Url, PercentCoding) {
    EXPECT_EQ(percent_encode("a b+c=@:,é/x~", "/"), "a%20b%2Bc%3D%40%3A%2C%C3%A9/x~");
    EXPECT_EQ(percent_decode("a+b%2Fc%zz%4", true), "a b/c%zz%4");
    EXPECT_EQ(percent_decode("a+b%2fc"), "a+b/c");
}

Response answer(int status, Headers headers = {}, std::string body = {}) {
    Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return response;
}

TEST(Retry, AnswersAreJudged) {
    const UtcTime now = parse_utc("1994-11-06T08:49:30Z");
    EXPECT_EQ(judge(answer(206), now).verdict, Verdict::ok);
    EXPECT_EQ(judge(answer(302), now).verdict, Verdict::redirect);
    EXPECT_EQ(judge(answer(401), now).verdict, Verdict::renew);
    for (const int status : {400, 403, 404, 410, 412, 416, 422, 501})
        EXPECT_EQ(judge(answer(status), now).verdict, Verdict::refused) << status;
    for (const int status : {408, 425, 429, 500, 502, 503, 504, 509})
        EXPECT_EQ(judge(answer(status), now).verdict, Verdict::again) << status;
    EXPECT_TRUE(judge(answer(429), now).throttled);
    const auto told = judge(answer(503, {{"retry-after", "7"}}), now);
    EXPECT_EQ(told.told, Seconds{7});
    EXPECT_TRUE(told.throttled);
    EXPECT_FALSE(judge(answer(503), now).throttled);
    const auto skewed =
        judge(answer(403, {}, "<Error><Code>RequestTimeTooSkewed</Code></Error>"), now);
    EXPECT_EQ(skewed.verdict, Verdict::renew);
    const auto batch =
        judge(answer(400, {{"x-amzn-ErrorType", "ThrottlingException:http://x"}}), now);
    EXPECT_EQ(batch.verdict, Verdict::again);
    EXPECT_TRUE(batch.throttled);
}

TEST(Retry, RetryAfterInSecondsAndDates) {
    const UtcTime now = parse_utc("1994-11-06T08:49:30Z");
    EXPECT_EQ(parse_retry_after("120", now), Seconds{120});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Seconds{7});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Seconds{0});
    for (const char* bad : {"", "soon", "-3", "Sun, 06 Foo 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_retry_after(bad, now)) << bad;
}

TEST(Retry, JitterStaysInItsWindow) {
    RetryPolicy policy;
    policy.base = Seconds{2};
    policy.cap = Seconds{10};
    for (int attempt = 0; attempt < 6; ++attempt)
        for (int i = 0; i < 200; ++i) {
            const double delay = jittered_delay(policy, attempt).count();
            EXPECT_GE(delay, 0);
            EXPECT_LE(delay, std::min(10.0, 2.0 * (1 << attempt)));
        }
}

TEST(HostGate, HoldsPlacesRateAndPauses) {
    HostLimits limits;
    limits.connections = 2;
    limits.requests_per_second = 3;
    HostGate gate(limits, {});
    const auto now = Clock::now();
    EXPECT_FALSE(gate.try_enter(now));
    EXPECT_FALSE(gate.try_enter(now));
    EXPECT_TRUE(gate.try_enter(now)) << "a third connection";
    gate.leave();
    EXPECT_FALSE(gate.try_enter(now));
    gate.leave();
    const auto later = gate.try_enter(now);
    ASSERT_TRUE(later) << "a fourth request in one second";
    EXPECT_FALSE(gate.try_enter(now + std::chrono::milliseconds(400)));
    gate.leave();
    gate.leave();
    gate.throttled(Seconds{5});
    const auto paused = gate.try_enter(Clock::now() + std::chrono::seconds(1));
    ASSERT_TRUE(paused);
    EXPECT_GE(*paused, now + std::chrono::milliseconds(4900));
}

TEST(HostGate, KeepsThePlaceOfABrokenTransfer) {
    HostLimits limits;
    limits.connections = 1;
    limits.after_break = Seconds{10};
    HostGate gate(limits, {});
    EXPECT_FALSE(gate.try_enter(Clock::now()));
    gate.leave(true);
    const auto now = Clock::now();
    EXPECT_TRUE(gate.try_enter(now + std::chrono::seconds(9)));
    EXPECT_FALSE(gate.try_enter(now + std::chrono::seconds(10)));
    gate.leave();
    EXPECT_FALSE(gate.try_enter(now + std::chrono::seconds(10)));
}

TEST(S3Xml, ListingsWithEncodedKeysAndPrefixes) {
    const ListPage page = parse_list_page(
        "<?xml version='1.0'?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/\">"
        "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>a&amp;b</NextContinuationToken>"
        "<Contents><Key>a+b%2Bc</Key><Size>12</Size><ETag>&quot;abc&quot;</ETag></Contents>"
        "<Contents><Key>x</Key><Size>0</Size><ETag>\"d-2\"</ETag></Contents>"
        "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>");
    ASSERT_EQ(page.listing.objects.size(), 2u);
    EXPECT_EQ(page.listing.objects[0].key, "a b+c");
    EXPECT_EQ(page.listing.objects[0].bytes, 12);
    EXPECT_EQ(page.listing.objects[0].etag, "abc");
    EXPECT_EQ(page.listing.objects[1].etag, "d-2");
    EXPECT_EQ(page.listing.prefixes, std::vector<std::string>{"p/"});
    EXPECT_TRUE(page.truncated);
    EXPECT_EQ(page.next_token, "a&b");
}

TEST(S3Xml, DamagedDocumentsAreRefused) {
    for (const char* bad :
         {"", "<html><body>no</body></html>", "<ListBucketResult>", "<ListBucketResult></x>",
          "<!DOCTYPE a [<!ENTITY b 'c'>]><ListBucketResult></ListBucketResult>",
          "<ListBucketResult><Contents><Size>-4</Size></Contents></ListBucketResult>",
          "<ListBucketResult><Name>&b;</Name></ListBucketResult>",
          "<a><b><c><d><e><f><g><h><i></i></h></g></f></e></d></c></b></a>"})
        EXPECT_THROW(parse_list_page(bad), Error) << bad;
}

TEST(S3, NamesAndKeys) {
    EXPECT_EQ(parse_s3_uri("s3://bucket").key, "");
    EXPECT_EQ(parse_s3_uri("s3://bucket/a/b c").key, "a/b c");
    for (const char* bad :
         {"s3://", "s3://b/x", "bucket/key", "s3://bu cket/k", "s3://bucket/a\nb"})
        EXPECT_THROW(parse_s3_uri(bad), Error) << bad;
    EXPECT_NO_THROW(require_safe_key("a/b.c/d"));
    for (const std::string bad : {"../../x", "/etc/x", "a//b", "a/./b", "", "a\\b"})
        EXPECT_THROW(require_safe_key(bad), Error) << bad;
    EXPECT_THROW(require_safe_key(std::string("a\0b", 3)), Error);
    EXPECT_THROW(require_safe_key(std::string(1025, 'k')), Error);
}

TEST(Credentials, ProfilesAreRead) {
    const IniFile file = parse_ini(
        "; comment\n[default]\naws_access_key_id = A\n\n[profile x]\n"
        "region=eu-central-1\n# no\nbroken line\n");
    EXPECT_EQ(file.at("default").at("aws_access_key_id"), "A");
    EXPECT_EQ(file.at("profile x").at("region"), "eu-central-1");
}

TEST(Redact, SecretsDisappearAndTheRestStays) {
    const std::string secret = "s3cr3t";
    for (const std::string line :
         {"Authorization: Bearer s3cr3t", "> authorization: AWS4 Credential=s3cr3t/x, Signature=y",
          "password=s3cr3t&user=x", "{\"refresh_token\":\"s3cr3t\"}", "access_token = s3cr3t",
          "x-amz-security-token:s3cr3t", "https://u:s3cr3t@host/path", "Cookie: a=s3cr3t; b=c",
          "GET https://h/p?X-Amz-Signature=s3cr3t HTTP/1.1",
          "GET /a/b.tif?st=x&sig=s3cr3t HTTP/1.1", "Location: /b?sig=s3cr3t",
          "Set-Cookie: sid=s3cr3t"})
        EXPECT_EQ(redacted(line).find(secret), std::string::npos) << redacted(line);
    EXPECT_EQ(redacted("no authorization for bucket x: 403"), "no authorization for bucket x: 403");
    EXPECT_EQ(redacted("who? me, said he/she"), "who? me, said he/she");
    EXPECT_EQ(redacted("https://host/a/b fetched"), "https://host/a/b fetched");
}

TEST(Endpoints, OverridesAndSafety) {
    ::setenv("HLS_ENDPOINT_LAADS", "http://10.1.2.3:99/base/", 1);
    EXPECT_EQ(to_string(endpoint("laads")), "http://10.1.2.3:99/base");
    EXPECT_NO_THROW(require_safe(parse_url("http://10.1.2.3:99/x")));
    EXPECT_THROW(require_safe(parse_url("http://10.1.2.3:98/x")), Error);
    EXPECT_THROW(require_safe(parse_url("http://example.org/")), Error);
    EXPECT_NO_THROW(require_safe(parse_url("http://127.0.0.1:1/")));
    ::unsetenv("HLS_ENDPOINT_LAADS");
    EXPECT_EQ(to_string(endpoint("batch", "us-west-2")), "https://batch.us-west-2.amazonaws.com/");
    EXPECT_EQ(limits_of(parse_url("https://bucket.s3.us-west-2.amazonaws.com/k")).connections, 64);
    EXPECT_EQ(limits_of(endpoint("cdse-download")).connections, 4);
    EXPECT_EQ(limits_of(endpoint("cdse-download")).after_break, Seconds{10});
    EXPECT_THROW(endpoint("nowhere"), Error);
}

TEST(Endpoints, TheManualListsThemAll) {
    std::ifstream in(HLS_SOURCE_DIR "/man/hls.7");
    const std::string manual{std::istreambuf_iterator<char>(in), {}};
    for (const auto& row : endpoints())
        EXPECT_NE(manual.find(".It " + row.name + " Ta " + row.url + '\n'), std::string::npos)
            << row.name;
}

}  // namespace
}  // namespace hls::net
