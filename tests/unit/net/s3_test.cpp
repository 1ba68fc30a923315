// SPDX-License-Identifier: Apache-2.0
// The S3 client against servers that check what it signs: OpenStack Swift and the strict stub.
#include "net/s3.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/error.hpp"
#include "fs/digest.hpp"
#include "net/aws.hpp"
#include "servers/server.hpp"

namespace hls::net {
namespace {

using test::Environment;
using test::Server;
using test::TemporaryFolder;

RetryPolicy quick_policy() {
    RetryPolicy policy;
    policy.base = Seconds{0.02};
    policy.attempts = 6;
    return policy;
}

// A client with keys for `server`.
struct Peer {
    Peer(const std::string& url, const std::string& access, const std::string& secret,
         const std::string& token = {})
        : key("AWS_ACCESS_KEY_ID", access),
          secret_key("AWS_SECRET_ACCESS_KEY", secret),
          session("AWS_SESSION_TOKEN", token),
          client({}, quick_policy()),
          s3(client, options(url)) {}

    static S3Options options(const std::string& url) {
        S3Options result;
        result.region = "us-west-2";
        result.endpoint = url;
        result.multipart_above = 8 << 20;
        result.part_bytes = 5 << 20;
        return result;
    }

    Environment key, secret_key, session;
    HttpClient client;
    S3Client s3;
};

Exit code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.message.find("MARKER"), std::string::npos) << error.message;
        return error.code;
    }
    return Exit::ok;
}

std::string patterned(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 2654435761u >> 13);
    return text;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

const std::vector<std::string> kOddKeys{"plain", "a b+c=@:,é", "x/y/z", "100%", "q?#&", "t~'(!*)"};

// What every S3 server has to agree to.
void exercise(S3Client& s3, const std::string& bucket, const std::filesystem::path& folder) {
    for (const auto& key : kOddKeys) {
        const S3Uri object{bucket, "odd/" + key};
        EXPECT_FALSE(s3.head(object)) << key;
        const std::string text = "content of " + key;
        PutOptions options;
        options.content_type = "text/plain";
        options.metadata = {{"note", "two  words"}};
        const PutResult put = s3.put(object, text, options);
        EXPECT_TRUE(put.written);
        EXPECT_EQ(put.etag, fs::digest_of(fs::DigestKind::md5, text));
        EXPECT_EQ(s3.get(object), text) << key;
        EXPECT_EQ(s3.get(object, ByteRange{3, 5}), text.substr(3, 5));
        const auto info = s3.head(object);
        ASSERT_TRUE(info);
        EXPECT_EQ(info->bytes, static_cast<std::int64_t>(text.size()));
        EXPECT_EQ(find_header(info->metadata, "note"), "two  words");
    }
    const S3Listing all = s3.list({bucket, "odd/"});
    EXPECT_EQ(all.objects.size(), kOddKeys.size());
    const S3Listing level = s3.list({bucket, "odd/"}, "/");
    EXPECT_EQ(level.objects.size(), kOddKeys.size() - 1);
    EXPECT_EQ(level.prefixes, std::vector<std::string>{"odd/x/"});

    const std::string large = patterned(12 << 20);
    write_file(folder / "large", large);
    const PutResult parts = s3.put_file({bucket, "large"}, folder / "large");
    EXPECT_TRUE(parts.written);
    EXPECT_EQ(parts.etag.substr(parts.etag.size() - 2), "-3");
    EXPECT_EQ(fs::digest_of(fs::DigestKind::sha256, s3.get({bucket, "large"})),
              fs::digest_of(fs::DigestKind::sha256, large));
    s3.remove({bucket, "large"});
    s3.remove({bucket, "large"});
    EXPECT_FALSE(s3.try_get({bucket, "large"}));
    EXPECT_EQ(code_of([&] { s3.get({bucket, "large"}); }), Exit::missing_input);
}

// More keys than one page holds, none lost and none twice.
void expect_pages(S3Client&& s3, int keys) {
    std::set<std::string> expected, listed;
    for (int i = 0; i < keys; ++i)
        expected.insert("many/" + std::to_string(i) + (i % 3 == 0 ? " +x" : "/y"));
    for (const auto& key : expected) s3.put({"bucket", key}, "");
    int pages = 0;
    s3.list_pages({"bucket", "many/"}, {}, [&](const S3Listing& page) {
        ++pages;
        for (const auto& object : page.objects) EXPECT_TRUE(listed.insert(object.key).second);
        return true;
    });
    EXPECT_EQ(listed, expected);
    EXPECT_GT(pages, 1);
    EXPECT_EQ(s3.list({"bucket", "many/"}, "/").prefixes.size(),
              static_cast<std::size_t>(keys - (keys + 2) / 3));
}

TEST(S3Strict, EverythingAndOddKeys) {
    const Server server("strict");
    const TemporaryFolder folder;
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    exercise(peer.s3, "bucket", folder.path());
    EXPECT_TRUE(peer.s3.supports_conditions({"bucket", "p"}));
    EXPECT_TRUE(peer.s3.list({"bucket", "p"}).objects.empty());
    expect_pages(S3Client(peer.client, Peer::options(server.url())), 1700);
}

TEST(S3Strict, RefusalsHaveTheirCodes) {
    const Server server("strict");
    {
        Peer wrong(server.url(), "AKIDTEST", "wrong");
        EXPECT_EQ(code_of([&] { wrong.s3.get({"bucket", "k"}); }), Exit::permission);
        EXPECT_EQ(code_of([&] { wrong.s3.put({"bucket", "k"}, "x"); }), Exit::permission);
        EXPECT_EQ(code_of([&] { wrong.s3.list({"bucket", ""}); }), Exit::permission);
    }
    Peer session(server.url(), "AKIDSESSION", "secret-MARKER-session", "token-MARKER-session");
    EXPECT_TRUE(session.s3.put({"bucket", "k"}, "x").written);
    // A lying payload hash is refused.
    Request request = session.s3.request("PUT", {"bucket", "k"});
    request.body = "truth";
    request.body_sha256 = fs::digest_of(fs::DigestKind::sha256, "lie");
    EXPECT_EQ(session.client.send(request, &session.s3.authorizer("bucket")).status, 400);
}

TEST(S3Strict, SkewedClockIsCorrectedOnce) {
    const Server server("strict");
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    server.control({{"set", {{"clock_offset", 7200}}}});
    EXPECT_TRUE(peer.s3.put({"bucket", "k"}, "x").written);
    EXPECT_TRUE(peer.s3.put({"bucket", "l"}, "x").written);
    EXPECT_EQ(server.requests().size(), 3u) << "one refusal teaches the offset";
}

TEST(S3Strict, RegionsAndRequesterPays) {
    const Server server("strict");
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    EXPECT_TRUE(peer.s3.put({"eu-bucket", "k"}, "x").written);
    EXPECT_EQ(peer.s3.get({"eu-bucket", "k"}), "x");
    EXPECT_EQ(code_of([&] { peer.s3.put({"payer-bucket", "k"}, "x"); }), Exit::permission);
    EXPECT_TRUE(peer.s3.put({"usgs-landsat", "k"}, "x").written);
    EXPECT_EQ(peer.s3.list({"usgs-landsat", ""}).objects.size(), 1u);
    auto options = Peer::options(server.url());
    options.request_payer = true;
    S3Client payer(peer.client, options);
    EXPECT_TRUE(payer.put({"payer-bucket", "k"}, "x").written);
}

TEST(S3Strict, ConditionsHoldOrNot) {
    const Server server("strict");
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    const S3Uri object{"bucket", "lease"};
    PutOptions create, swap;
    create.condition = PutCondition::if_absent();
    EXPECT_TRUE(peer.s3.put(object, "one", create).written);
    EXPECT_FALSE(peer.s3.put(object, "two", create).written);
    const auto now = peer.s3.try_get_tagged(object);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->bytes, "one");
    swap.condition = PutCondition::if_unchanged(now->etag);
    EXPECT_TRUE(peer.s3.put(object, "two", swap).written);
    EXPECT_FALSE(peer.s3.put(object, "three", swap).written);
    peer.s3.remove(object);
    EXPECT_FALSE(peer.s3.put(object, "four", swap).written);
}

TEST(S3Strict, LostAnswerToAConditionalWriteIsFoundOut) {
    const Server server("strict");
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    server.control({{"faults",
                     {{{"path", "/bucket/lease"},
                       {"method", "PUT"},
                       {"kind", "accept_and_drop"},
                       {"times", 1}}}}});
    PutOptions create;
    create.condition = PutCondition::if_absent();
    EXPECT_TRUE(peer.s3.put({"bucket", "lease"}, "mine", create).written);
    EXPECT_FALSE(peer.s3.put({"bucket", "lease"}, "other", create).written);
    // And so on a connection that is kept, where libcurl tries again without being asked.
    server.control({{"faults",
                     {{{"path", "/bucket/kept"},
                       {"method", "PUT"},
                       {"kind", "accept_and_drop"},
                       {"times", 1}}}}});
    ASSERT_TRUE(peer.s3.head({"bucket", "lease"}));
    EXPECT_TRUE(peer.s3.put({"bucket", "kept"}, "mine", create).written);
}

// The upload is complete, nobody hears of it, and the second attempt is told that it is unknown.
TEST(S3Strict, LostAnswerToTheLastOfManyPartsIsNoFailure) {
    const Server server("strict");
    const TemporaryFolder folder;
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    write_file(folder / "large", patterned(11 << 20));
    PutOptions create;
    create.condition = PutCondition::if_absent();
    for (const auto& options : {PutOptions{}, create}) {
        const S3Uri object{"bucket",
                           options.condition.kind == PutCondition::Kind::none ? "a" : "b"};
        server.control({{"faults",
                         {{{"path", object.key + "[?]uploadId"},
                           {"method", "POST"},
                           {"kind", "accept_and_drop"},
                           {"times", 1}}}}});
        const auto result = peer.s3.put_file(object, folder / "large", options);
        EXPECT_TRUE(result.written);
        EXPECT_EQ(result.etag, peer.s3.head(object)->etag);
    }
    EXPECT_FALSE(peer.s3.put_file({"bucket", "b"}, folder / "large", create).written);
}

TEST(S3Strict, FaultsPass) {
    const Server server("strict");
    const TemporaryFolder folder;
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    server.control(
        {{"faults",
          {{{"path", "/bucket/"}, {"kind", "503"}, {"times", 2}},
           {{"path", "/bucket/"}, {"kind", "reset"}, {"times", 1}},
           {{"path", "/bucket/"}, {"kind", "429"}, {"retry_after", 1}, {"times", 1}},
           {{"path", "partNumber=2"}, {"kind", "500"}, {"times", 2}},
           {{"path", "."}, {"method", "COMPLETE"}, {"kind", "200error"}, {"times", 1}}}}});
    EXPECT_TRUE(peer.s3.put({"bucket", "k"}, "x").written);
    EXPECT_EQ(server.get("/-/requests")["early"].size(), 0u);
    write_file(folder / "large", patterned(11 << 20));
    EXPECT_TRUE(peer.s3.put_file({"bucket", "large"}, folder / "large").written);
    EXPECT_EQ(peer.s3.head({"bucket", "large"})->bytes, 11 << 20);
}

TEST(S3Strict, FailedUploadLeavesNoParts) {
    const Server server("strict");
    const TemporaryFolder folder;
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    server.control({{"faults", {{{"path", "partNumber=3"}, {"kind", "403"}}}}});
    write_file(folder / "large", patterned(11 << 20));
    EXPECT_EQ(code_of([&] {
                  peer.s3.put_file({"bucket", "large"}, folder / "large");
              }),
              Exit::permission);
    const auto requests = server.requests();
    EXPECT_EQ(requests.back()["method"], "DELETE");
    EXPECT_FALSE(peer.s3.head({"bucket", "large"}));
}

TEST(S3Strict, PersistentFailureIsTemporary) {
    const Server server("strict");
    Peer peer(server.url(), "AKIDTEST", "secret-MARKER-aws");
    server.control({{"faults", {{{"path", "/bucket/k"}, {"kind", "503"}}}}});
    EXPECT_EQ(code_of([&] { peer.s3.get({"bucket", "k"}); }), Exit::temporary);
    EXPECT_EQ(server.requests().size(), 6u);
    server.control({{"reset", true},
                    {"faults", {{{"path", "/bucket/k"}, {"kind", "429"}, {"retry_after", 7200}}}}});
    EXPECT_EQ(code_of([&] { peer.s3.get({"bucket", "k"}); }), Exit::temporary);
    EXPECT_EQ(server.requests().size(), 1u) << "told to wait longer than we would";
}

TEST(S3Swift, EverythingAndOddKeys) {
    if (!std::filesystem::exists("/usr/bin/swift-proxy-server"))
        GTEST_SKIP() << "OpenStack Swift is not installed";
    const TemporaryFolder folder;
    const Server server("swift", {folder / "swift"});
    {
        Peer wrong(server.url(), server.about()["access"], "wrong");
        EXPECT_EQ(code_of([&] { wrong.s3.put({"bucket", "k"}, "x"); }), Exit::permission);
        EXPECT_EQ(code_of([&] { wrong.s3.list({"bucket", ""}); }), Exit::permission);
    }
    Peer peer(server.url(), server.about()["access"], server.about()["secret"]);
    const Request create = peer.s3.request("PUT", {"bucket", ""});
    ASSERT_TRUE(peer.client.send(create, &peer.s3.authorizer("bucket")).ok());
    exercise(peer.s3, "bucket", folder.path());

    // Swift knows no conditions: asked first instead, and said so.
    PutOptions once;
    once.condition = PutCondition::if_absent();
    const PutResult first = peer.s3.put({"bucket", "once"}, "1", once);
    EXPECT_TRUE(first.written);
    EXPECT_FALSE(first.conditional);
    EXPECT_FALSE(peer.s3.put({"bucket", "once"}, "2", once).written);
    EXPECT_FALSE(peer.s3.supports_conditions({"bucket", ""}));

    Request lie = peer.s3.request("PUT", {"bucket", "lie"});
    lie.body = "truth";
    lie.body_sha256 = fs::digest_of(fs::DigestKind::sha256, "lie");
    EXPECT_EQ(peer.client.send(lie, &peer.s3.authorizer("bucket")).status, 400);

    S3Options small_pages = Peer::options(server.url());
    small_pages.keys_per_page = 7;
    expect_pages(S3Client(peer.client, small_pages), 20);
}

TEST(Aws, CallsAreSignedAndNotRepeatedWhenTheAnswerIsLost) {
    const Server server("strict");
    const Environment key("AWS_ACCESS_KEY_ID", "AKIDTEST");
    const Environment secret("AWS_SECRET_ACCESS_KEY", "secret-MARKER-aws");
    const Environment batch("HLS_ENDPOINT_BATCH", server.url("/-/batch"));
    HttpClient client({}, quick_policy());
    AwsClient aws(client, "us-west-2");
    AwsCall submit;
    submit.service = "batch";
    submit.path = "/v1/submitjob";
    submit.body = R"({"jobName":"j","jobQueue":"q","jobDefinition":"d"})";
    submit.idempotent = false;
    server.control({{"faults", {{{"path", "submitjob"}, {"kind", "429"}, {"times", 1}}}}});
    EXPECT_NE(aws.call(submit).find("jobId"), std::string::npos);
    server.control(
        {{"reset", true}, {"faults", {{{"path", "submitjob"}, {"kind", "drop"}, {"times", 1}}}}});
    EXPECT_EQ(code_of([&] { aws.call(submit); }), Exit::temporary);
    EXPECT_EQ(server.requests().size(), 1u);
    const Environment wrong("AWS_SECRET_ACCESS_KEY", "wrong");
    AwsClient refused(client, "us-west-2");
    EXPECT_EQ(code_of([&] { refused.call(submit); }), Exit::permission);
}

}  // namespace
}  // namespace hls::net
