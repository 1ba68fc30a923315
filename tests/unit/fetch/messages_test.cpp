// SPDX-License-Identifier: Apache-2.0
// Messages of every shape and every kind of damage.
#include "fetch/messages.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/escape.hpp"

namespace hls::fetch {
namespace {

struct Parsed {
    std::vector<GranuleRecord> granules;
    std::vector<Reject> rejects;
    std::vector<std::string> jobs;
    MessageCounts counts;
};

Parsed parse(const std::string& text, MessageRules rules = {}, std::size_t piece = 1 << 20) {
    Parsed result;
    MessageReader reader(rules, {[&](const GranuleRecord& r) { result.granules.push_back(r); },
                                 [&](const Reject& r) { result.rejects.push_back(r); },
                                 [&](const std::string& line) { result.jobs.push_back(line); }});
    for (std::size_t at = 0; at < text.size(); at += piece)
        reader.feed(std::string_view(text).substr(at, piece));
    reader.finish();
    result.counts = reader.counts();
    return result;
}

std::string quoted(const std::string& text) {
    return '"' + json_escape(text) + '"';
}

const std::string kId = "LC08_L1TP_001005_20230704_20230717_02_T1";
const std::string kUsgs =
    R"({"landsat_product_id":"LC08_L1TP_001005_20230704_20230717_02_T1","s3_location":"s3://usgs-landsat/collection02/level-1/standard/oli-tirs/2023/001/005/LC08_L1TP_001005_20230704_20230717_02_T1/"})";
const std::string kSafe = "S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420";

TEST(Messages, EnvelopesInAnyOrder) {
    const std::string sns = R"({"Type":"Notification","TopicArn":"arn:x","Message":)" +
                            quoted(kUsgs) + R"(,"Timestamp":"2024-01-01T00:00:00.000Z"})";
    const std::vector<std::string> forms{
        kUsgs,
        sns,
        R"({"Records":[{"EventSource":"aws:sns","Sns":{"Message":)" + quoted(kUsgs) + "}}]}",
        R"({"Records":[{"eventSource":"aws:sqs","receiptHandle":"r1","body":)" + quoted(sns) +
            "}]}",
        R"({"Messages":[{"ReceiptHandle":"r1","Body":)" + quoted(sns) + "}]}",
        R"({"Messages":[{"ReceiptHandle":"r1","Body":)" + quoted(kUsgs) + "}]}",
        "[" + kUsgs + "]",
        kId,
        "  " + kId + ".tar \r",
        "lc08_l1tp_001005_20230704_20230717_02_t1",
        "s3://usgs-landsat/collection02/level-1/standard/oli-tirs/2023/001/005/" + kId + "/"};
    for (const auto& form : forms) {
        const Parsed parsed = parse(form);
        ASSERT_EQ(parsed.granules.size(), 1u) << form;
        const GranuleRecord& record = parsed.granules[0];
        EXPECT_EQ(record.id, kId);
        EXPECT_EQ(record.source, "usgs");
        EXPECT_EQ(record.path, 1);
        EXPECT_EQ(record.row, 5);
        EXPECT_EQ(record.tier, "T1");
        EXPECT_EQ(record.group, "LS/001/005/2023-07-04");
        ASSERT_EQ(record.urls.size(), 1u);
        EXPECT_EQ(record.urls[0].href, landsat_s3_prefix(kId));
    }
    EXPECT_EQ(parse(forms[3]).granules[0].via.ack, "r1");
}

std::string s3_event(const std::string& key) {
    return R"({"eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"2024-01-01T00:00:00Z","s3":{"bucket":{"name":"in"},"object":{"key":)" +
           quoted(key) + R"(,"eTag":"e","sequencer":"1"}}})";
}

TEST(Messages, EveryRecordOfAnS3EventCounts) {
    MessageRules rules;
    rules.allowed_buckets.insert("in");
    const Parsed parsed = parse(R"({"Records":[)" + s3_event("a/" + kSafe + ".zip") + ',' +
                                    s3_event("junk.txt") + ',' + s3_event("x+y%2F" + kId + ".tar") +
                                    ',' + s3_event("../../" + kSafe + ".zip") + "]}",
                                rules);
    ASSERT_EQ(parsed.granules.size(), 2u);
    EXPECT_EQ(parsed.granules[0].urls[0].href, "s3://in/a/" + kSafe + ".zip");
    EXPECT_EQ(parsed.granules[1].urls[0].href, "s3://in/x y/" + kId + ".tar");
    ASSERT_EQ(parsed.rejects.size(), 2u);
    EXPECT_EQ(parsed.rejects[0].why, "unknown_name");
    EXPECT_EQ(parsed.rejects[1].why, "unsafe_key");
    // EventBridge does not encode keys.
    const Parsed bridge = parse(
        R"({"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"in"},"object":{"key":"a+b%2Fc/)" +
            kSafe + R"(.zip"}}})",
        rules);
    ASSERT_EQ(bridge.granules.size(), 1u);
    EXPECT_EQ(bridge.granules[0].urls[0].href, "s3://in/a+b%2Fc/" + kSafe + ".zip");
    EXPECT_EQ(parse("{\"Records\":[" + s3_event(kSafe + ".zip") + "]}").rejects.at(0).why,
              "not_allowed_bucket");
}

TEST(Messages, PresetsFilterWithAReason) {
    const auto why = [](const std::string& id, Preset preset) {
        MessageRules rules;
        rules.preset = preset;
        const Parsed parsed = parse(id, rules);
        return parsed.granules.size() == 1 ? "" : parsed.rejects.at(0).why;
    };
    const std::string rt8 = "LC08_L1TP_001005_20230704_20230717_02_RT";
    EXPECT_EQ(why(rt8, Preset::hls_forward), "");
    EXPECT_EQ(why(kId, Preset::hls_forward), "filtered:tier");
    EXPECT_EQ(why("LC09_L1TP_001005_20230704_20230717_02_T2", Preset::hls_forward), "");
    EXPECT_EQ(why("LC09_L1TP_001005_20230704_20230717_02_T2", Preset::hls_forward2),
              "filtered:tier");
    for (const char* id :
         {"LC08_L2SP_001005_20230704_20230717_02_T1", "LE07_L1TP_001005_20230704_20230717_02_T1",
          "LO08_L1TP_001005_20230704_20230717_02_T1", "LT08_L1TP_001005_20230704_20230717_02_T1",
          "LC08_L1GT_001005_20230704_20230717_02_T2",
          "S2B_MSIL2A_20220101T000459_N0301_R130_T53DMB_20220101T012649"})
        EXPECT_EQ(why(id, Preset::hls_forward2), "filtered:product") << id;
    EXPECT_EQ(why("LC08_L1GT_001005_20230704_20230717_02_T2", Preset::none), "");
    // Of a kind that is wanted, but of no place or day on Earth: nothing that a preset may swallow.
    for (const char* id :
         {"LC08_L1TP_000005_20230704_20230717_02_T1", "LC09_L1TP_001249_20230704_20230717_02_T1",
          "LC08_L1TP_001005_20230230_20230717_02_RT"})
        EXPECT_EQ(why(id, Preset::hls_forward2), "unknown_name") << id;
    for (const char* id :
         {"LC08_L1TP_000005_20230704_20230717_02_T1", "LC08_L1TP_234005_20230704_20230717_02_T1",
          "LC08_L1TP_001249_20230704_20230717_02_T1",
          "S2A_MSIL1C_20240230T112541_N0511_R137_T28PHQ_20240912T133420",
          "S2A_MSIL1C_20240912T112541_N0511_R137_T28PHO_20240912T133420",
          "S2A_MSIL1C_20240912T112541_N0511_R137_T61PHQ_20240912T133420", "hello"})
        EXPECT_NE(why(id, Preset::none), "") << id;
}

// It would go into a question of the catalogue and into the address of the product.
TEST(Messages, UuidsAreWords) {
    const auto text = [](const std::string& uuid) {
        return R"({"v":1,"kind":"granule","event":"listed","source":"cdse","need_lookup":true,)"
               R"("uuid":")" +
               uuid + "\"}";
    };
    EXPECT_EQ(parse(text("f867a59a-0000-1111-2222-333344445555")).granules.size(), 1u);
    for (const char* uuid : {"x' or 1 eq 1", "a)/../b", "a?b"})
        EXPECT_EQ(parse(text(uuid)).granules.size(), 0u) << uuid;
}

TEST(Messages, DamageDoesNotSpread) {
    const std::string good = kUsgs + '\n';
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{\"a\":", "bad_json"},
        {"{\"a\":\"unfinished", "bad_json"},
        {"{\"a\":1,\"a\":2}", "bad_json"},
        {"{\"a\":NaN}", "bad_json"},
        {"{\"a\":\"\\ud800\"}", "bad_json"},
        {"{\"a\":\"\xff\"}", "bad_json"},
        {"{\"Type\":\"Notification\",\"TopicArn\":\"x\",\"Message\":\"not json\"}", "bad_json"},
        {"{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"x\",\"SubscribeURL\":\"http://x\"}",
         "subscription_confirmation"},
        {"{\"other\":1}", "unknown_message"},
        {std::string(2'000'000, 'x'), "bad_json"},
        {"{\"a\":\"" + std::string(2'000'000, 'x') + "\"}", "bad_json"},
        {std::string(100, '[') + std::string(100, ']'), "bad_json"},
        {R"({"landsat_product_id":"LC08_L1TP_001005_20230704_20230717_02_T1","s3_location":"s3://usgs-landsat/elsewhere/"})",
         "location_disagrees"},
        {R"({"landsat_product_id":"LC08_L1TP_001005_20230704_20230717_02_T1","s3_location":"s3://evil-bucket/x/"})",
         "not_allowed_bucket"}};
    for (const auto& [damage, why] : cases)
        for (const std::size_t piece : {std::size_t{1} << 22, std::size_t{4097}}) {
            const Parsed parsed = parse(kSafe + '\n' + damage + '\n' + good, {}, piece);
            EXPECT_EQ(parsed.granules.size(), 2u) << damage.substr(0, 80);
            ASSERT_EQ(parsed.rejects.size(), 1u) << damage.substr(0, 80);
            EXPECT_EQ(parsed.rejects[0].why, why) << damage.substr(0, 80);
            EXPECT_LT(to_json(parsed.rejects[0]).size(), 1200u);
        }
    EXPECT_EQ(parse("").counts.rejected, 0);
    EXPECT_EQ(parse("\xef\xbb\xbf" + kUsgs + "\r\n").granules.size(), 1u);
    EXPECT_EQ(parse(good + good).counts.duplicates, 1);
    EXPECT_EQ(parse(R"({"Service":"Amazon S3","Event":"s3:TestEvent"})").counts.ignored, 1);
}

TEST(Messages, OwnRecordsPassUnchanged) {
    const Parsed once = parse(kUsgs);
    const std::string line = to_json(once.granules.at(0));
    EXPECT_EQ(to_json(parse(line).granules.at(0)), line);
    EXPECT_EQ(record_from_json(line), once.granules[0]);
}

// What a source leaves out, adds or wraps must not cost the record.
TEST(Messages, FieldsMayBeMissingUnknownOrOfAnotherType) {
    const auto one = [](const std::string& text) {
        const Parsed parsed = parse(text);
        EXPECT_EQ(parsed.granules.size(), 1u) << text;
        return parsed.granules.empty() ? GranuleRecord{} : parsed.granules[0];
    };
    const std::string name = "\"Name\":\"" + kSafe + ".SAFE\"";
    const std::string product = R"({"@odata.context":"x","value":[{)" + name;
    EXPECT_EQ(one(product + "}]}").id, kSafe);
    EXPECT_EQ(one(product + R"(,"Id":7,"ContentLength":"12","Checksum":null,"Attributes":{},
        "ContentDate":[],"GeoFootprint":null,"Locations":5,"New":{"deep":[1]}}]})")
                  .size,
              12);
    EXPECT_EQ(one(product + R"(,"ContentLength":-3,"Checksum":[{}],"EvictionDate":""}]})").size,
              -1);
    // Notifications in a list, in a value, and without their product.
    const std::string notification =
        R"({"SubscriptionEvent":"deleted","ProductId":"u","ProductName":")" + kSafe + R"(.SAFE"})";
    EXPECT_EQ(one('[' + notification + ']').event, "withdrawn");
    EXPECT_TRUE(one(R"({"value":[)" + notification + "]}").need_lookup);
    // STAC items with nothing but a name, and with members that are null.
    EXPECT_EQ(one(R"({"type":"Feature","id":")" + kId + "\"}").id, kId);
    EXPECT_EQ(one(R"({"type":"Feature","id":")" + kId +
                  R"(","properties":null,"assets":null,"bbox":[1,2],"geometry":null,"links":{}})")
                  .source,
              "usgs");
    EXPECT_EQ(one(R"({"type":"FeatureCollection","features":[{"id":")" + kId + R"("},5,null]})").id,
              kId);
    // The announcement of USGS without its place, with more, and four envelopes deep.
    std::string text = R"({"landsat_product_id":")" + kId + R"(","extra":[{}]})";
    EXPECT_EQ(one(text).urls.size(), 1u);
    for (int i = 0; i < 2; ++i)
        text = R"({"Messages":[{"Body":)" +
               quoted(R"({"Type":"Notification","TopicArn":"t","Message":)" +
                      quoted(std::as_const(text)) + "}") +
               "}]}";
    EXPECT_EQ(one(text).id, kId);
}

TEST(Messages, BatchEventsBecomeJobLines) {
    const Parsed parsed = parse(
        R"({"source":"aws.batch","detail-type":"Batch Job State Change","detail":{"jobId":"j1","status":"FAILED","attempts":[],"container":{"exitCode":143,"environment":[{"name":"HLS_RUN_ID","value":"r"},{"name":"SECRET","value":"s"}]}}})");
    ASSERT_EQ(parsed.jobs.size(), 1u);
    EXPECT_EQ(
        parsed.jobs[0],
        R"({"v":1,"kind":"job","jobId":"j1","status":"FAILED","exitCode":143,"attempts":0,"environment":{"HLS_RUN_ID":"r"}})");
}

TEST(Messages, ManyInConstantTimeEach) {
    MessageCounts counts;
    MessageReader reader({}, {});
    for (int i = 0; i < 60'000; ++i) {
        const std::string day = std::to_string(20230101 + i % 28);
        const std::string id = "LC08_L1TP_" + std::to_string(100 + i % 100) + "0" +
                               std::to_string(10 + i % 90) + '_' + day + "_20240717_02_T1";
        reader.feed(i % 3 == 0 ? id + '\n' : "{\"landsat_product_id\":\"" + id + "\"}\n");
    }
    reader.feed("{broken\n");
    reader.finish();
    counts = reader.counts();
    EXPECT_EQ(counts.granules + counts.duplicates, 60'000);
    EXPECT_EQ(counts.rejected, 1);
}

TEST(Messages, RecordingsOfAllServices) {
    const char* root = std::getenv("HLS_TEST_DATA");
    const std::filesystem::path api =
        std::filesystem::path(root != nullptr ? root : HLS_SOURCE_DIR "/../shared/data") / "api";
    if (!std::filesystem::exists(api)) GTEST_SKIP() << "no recordings in " << api;
    MessageRules rules;
    rules.preset = Preset::none;
    const auto count = [&](const std::string& name) {
        std::ifstream in(api / name, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        EXPECT_FALSE(text.empty()) << name;
        return parse(text, rules).granules;
    };
    EXPECT_EQ(count("usgs_sns/landsat-l8-valid.json").size(), 1u);
    EXPECT_EQ(count("usgs_sns/landsat-l9-wrong-product-level.json").size(), 0u);
    const auto aws = count("usgs_sns/sentinel2-valid.json");
    ASSERT_EQ(aws.size(), 1u);
    EXPECT_EQ(aws[0].tile, "24VUR");
    EXPECT_EQ(aws[0].urls.at(0).href, "s3://sentinel-s2-l1c/tiles/24/V/UR/2024/4/30/0/");
    const auto push =
        count("hls-s2-downloader/link_fetcher/tests/data/push-granule-created-s2-n1.json");
    ASSERT_EQ(push.size(), 1u);
    EXPECT_EQ(push[0].id, kSafe);
    EXPECT_EQ(push[0].size, 132384463);
    EXPECT_EQ(push[0].sums.at("md5"), "700a3f2014ab3670408b94e4310924dd");
    EXPECT_EQ(push[0].published_at, "2024-09-12T14:52:06.118Z");
    EXPECT_EQ(push[0].group, "S2A/20240912T112541/R137/28PHQ");
    EXPECT_EQ(push[0].baseline, "0511");
    EXPECT_EQ(push[0].urls.at(1).href,
              "s3://eodata/Sentinel-2/MSI/L1C/2024/09/12/" + kSafe + ".SAFE/");
    EXPECT_EQ(count("hls-s2-downloader/link_fetcher/tests/example_search_response.json").size(),
              10u);
    EXPECT_EQ(count("hls-s2-downloader/downloader/tests/example_checksum_response.json").size(),
              1u);
    EXPECT_EQ(count("eodag_provider_responses/cop_dataspace_search.json").size(), 2u);
    const auto earth = count("eodag_provider_responses/earth_search_search.json");
    ASSERT_EQ(earth.size(), 1u);
    EXPECT_EQ(earth[0].source, "earthsearch");
    EXPECT_EQ(earth[0].urls.at(0).href, "s3://sentinel-s2-l1c/tiles/27/V/WK/2024/2/6/0/");
    const auto tiles = count("eodag_provider_responses/awseos_search.json");
    ASSERT_EQ(tiles.size(), 2u);
    EXPECT_EQ(tiles[0].id, "S2A_MSIL1C_20200815T005251_N0209_R002_T55PDS_20200815T023440");
    const auto resto = count("hls-s2-downloader/link_fetcher/tests/example_search_response.json");
    EXPECT_EQ(resto.at(0).source, "cdse");
    EXPECT_EQ(resto[0].uuid, "483cab2e-06f1-5944-a06b-ef7026cc6fd0");
    EXPECT_EQ(resto[0].urls.at(0).auth, "eodata");
    EXPECT_EQ(resto[0].published_at, "2020-01-01T23:39:20.033Z");
    for (const char* name : {"geodes_search.json", "sara_search.json", "onda_search.json"})
        EXPECT_GE(count(std::string("eodag_provider_responses/") + name).size(), 1u) << name;
    // Level-2, Sentinel-1, meteorology, HLS itself: understood, and nothing for us.
    for (const char* name :
         {"eodag_provider_responses/s2l2a_productInfo.json",
          "eodag_provider_responses/s2l2a_tileInfo.json",
          "eodag_provider_responses/creodias_s3_objects.json",
          "eodag_provider_responses/eumetsat_ds_search.json", "sliderule_hls_trimmed.geojson"})
        EXPECT_EQ(count(name).size(), 0u) << name;
    EXPECT_EQ(count("LC08_L1GT_089074_20220506_20220512_02_T2_stac.json").size(), 1u);
}

}  // namespace
}  // namespace hls::fetch
