// SPDX-License-Identifier: Apache-2.0
// Downloads that cannot go on, or not as they were begun: what is said about them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "net/download.hpp"
#include "net/s3.hpp"
#include "net/token.hpp"
#include "servers/server.hpp"

namespace hls::net {
namespace {

using test::Environment;
using test::Server;
using test::TemporaryFolder;
using Json = nlohmann::json;

DownloadOptions roomy(int jobs = 4) {
    DownloadOptions options;
    options.min_free_bytes = 0;
    options.jobs = jobs;
    return options;
}

RetryPolicy quick_policy() {
    RetryPolicy policy;
    policy.base = Seconds{0.02};
    return policy;
}

class DownloadLimits : public ::testing::Test {
 protected:
    Download item(const std::string& name, std::size_t size = 3'000'000) const {
        Download download;
        download.identity = name;
        download.request.url =
            parse_url(server.url("/-/files/" + name + "?size=" + std::to_string(size)));
        download.target = folder / name;
        return download;
    }
    std::vector<DownloadResult> fetch(const std::vector<Download>& items, int jobs = 4) {
        return Downloader(client, roomy(jobs)).run(items);
    }
    void play(const Json& fault) const { server.control({{"faults", Json::array({fault})}}); }

    Server server{"strict"};
    TemporaryFolder folder;
    HttpClient client{{}, quick_policy()};
};

// An item that fails before anything is sent is told of, though nothing else is under way.
TEST_F(DownloadLimits, CredentialsThatAreRefusedAreNoSuccess) {
    const Environment state("HLS_STATE_DIR", (folder / "state").string());
    const Environment identity("HLS_ENDPOINT_CDSE_IDENTITY", server.url("/-/identity"));
    const Environment user("CDSE_USER", "me");
    const Environment password("CDSE_PASSWORD", "wrong");
    OAuthAuthorizer account(client, cdse_account(), {authority(parse_url(server.url()))});
    auto download = item("a");
    download.authorizer = &account;
    const auto result = fetch({download}).front();
    EXPECT_EQ(result.exit, Exit::permission);
    EXPECT_EQ(result.action, DownloadAction::failed);
    EXPECT_FALSE(std::filesystem::exists(folder / "a"));
}

TEST_F(DownloadLimits, AHostThatWantsToBeLeftAloneForADayEndsAllThatWantIt) {
    play({{"path", "/-/files/"}, {"kind", "429"}, {"retry_after", 86400}});
    const auto results = fetch({item("a"), item("b"), item("c")}, 1);
    for (const auto& result : results) {
        EXPECT_EQ(result.exit, Exit::temporary) << result.message;
        EXPECT_TRUE(result.retry_at.has_value());
    }
    EXPECT_EQ(results[0].requests + results[1].requests + results[2].requests, 1);
    EXPECT_THROW(client.send(item("d").request), Error) << "no pages and listings either";
}

TEST_F(DownloadLimits, PausesBeyondAllTimeAreCutToWhatClocksCanSay) {
    const UtcTime now = parse_utc("2026-11-20T00:00:00Z");
    for (const char* text : {"1e300", "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
        EXPECT_EQ(parse_retry_after(text, now), Seconds{1e9}) << text;
}

TEST_F(DownloadLimits, NoRedirectLeadsToTheCredentialsOfTheMachine) {
    play({{"path", "/-/files/"}, {"kind", "redirect"}, {"to", "http://169.254.169.254/latest/"}});
    EXPECT_EQ(fetch({item("a")}).front().exit, Exit::bad_input);
    try {
        client.send(item("b").request);
        ADD_FAILURE() << "was fetched";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input) << error.message;
    }
}

// Each request brings half of what was asked for, which RFC 9110 allows.
TEST_F(DownloadLimits, PartsOfARangeAreAddedUp) {
    server.control({{"faults",
                     {{{"path", "/-/files/"}, {"kind", "trunc"}, {"times", 1}},
                      {{"path", "/-/files/"}, {"kind", "short_range"}, {"times", 12}}}}});
    const auto result = fetch({item("a")}).front();
    EXPECT_EQ(result.exit, Exit::ok) << result.message;
    EXPECT_EQ(result.action, DownloadAction::fetched);
    EXPECT_EQ(result.requests, 14);
    EXPECT_EQ(std::filesystem::file_size(folder / "a"), 3'000'000u);
    const auto whole = fetch({item("b")}).front();
    auto again = item("a");
    again.target = folder / "again";
    EXPECT_EQ(fetch({again}).front().sha256, result.sha256);
    EXPECT_NE(whole.sha256, result.sha256);
}

TEST_F(DownloadLimits, ETagsUnderKmsAreNoDigests) {
    server.control({{"set", {{"kms", true}}}});
    S3Options options;
    options.endpoint = server.url();
    options.region = "us-west-2";
    options.credentials.keys = {"AKIDTEST", "secret-MARKER-aws", {}, {}, "test"};
    S3Client s3(client, options);
    const S3Uri object{"bucket", "k"};
    ASSERT_TRUE(s3.put(object, "content").written);
    Download download;
    download.identity = "k";
    download.request = s3.request("GET", object);
    download.authorizer = &s3.authorizer("bucket");
    download.target = folder / "k";
    const std::string etag = s3.head(object)->etag;
    ASSERT_EQ(etag.size(), 32u);
    download.etag = '"' + etag + '"';
    download.if_match = true;
    download.checksums = {{fs::DigestKind::md5, etag}};
    const auto result = fetch({download}).front();
    EXPECT_EQ(result.exit, Exit::ok) << result.message;
    EXPECT_EQ(result.sha256, fs::digest_of(fs::DigestKind::sha256, std::string_view("content")));

    server.control({{"set", {{"kms", false}}}});
    download.etag = '"' + s3.head(object)->etag + '"';
    download.target = folder / "wrong";
    EXPECT_EQ(fetch({download}).front().exit, Exit::bad_input) << "a wrong digest is still wrong";
}

}  // namespace
}  // namespace hls::net
