// SPDX-License-Identifier: Apache-2.0
#include "zarr/object_event.hpp"

#include <gtest/gtest.h>

#include "zarr/json_value.hpp"

namespace hls::zarr {
namespace {

std::string record(const std::string& name, const std::string& key) {
    return R"({"eventName":")" + name + R"(","s3":{"bucket":{"name":"b"},"object":{"key":")" + key +
           R"(","sequencer":"00A1","versionId":"v"}}})";
}
std::string notification(const std::string& name, const std::string& key) {
    return R"({"Records":[)" + record(name, key) + "]}";
}
std::string wrapped(const std::string& member, const std::string& message) {
    return format_json(JsonObject{{member, message}}, JsonLayout::compact);
}

TEST(ObjectEvent, ReadsEveryRecordAndDecodesKeys) {
    const auto events =
        parse_events(R"({"Records":[)" + record("ObjectCreated:Put", "a+b%3Dc%2B.nc") + "," +
                     record("s3:ObjectRemoved:Delete", "d.nc") + "]}");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, EventKind::changed);
    EXPECT_EQ(events[0].key, "a b=c+.nc");
    EXPECT_EQ(events[0].bucket, "b");
    EXPECT_EQ(events[0].sequencer, "00A1");
    EXPECT_EQ(events[0].version, "v");
    EXPECT_EQ(events[1].kind, EventKind::removed);
}

TEST(ObjectEvent, TellsChangesFromOtherNews) {
    const auto kind = [](const char* name) {
        return parse_events(notification(name, "k"))[0].kind;
    };
    EXPECT_EQ(kind("ObjectCreated:CompleteMultipartUpload"), EventKind::changed);
    EXPECT_EQ(kind("ObjectRemoved:DeleteMarkerCreated"), EventKind::removed);
    EXPECT_EQ(kind("LifecycleExpiration:Delete"), EventKind::removed);
    for (const char* name : {"ObjectRestore:Completed", "ObjectTagging:Delete", "ObjectAcl:Put",
                             "LifecycleTransition", "IntelligentTiering", "Replication:Missed"})
        EXPECT_EQ(kind(name), EventKind::ignored) << name;
    EXPECT_EQ(parse_events(R"({"Service":"Amazon S3","Event":"s3:TestEvent"})")[0].kind,
              EventKind::ignored);
}

TEST(ObjectEvent, OpensWrappersInEachOther) {
    const std::string inner = notification("ObjectCreated:Put", "k");
    for (const std::string& message :
         {wrapped("Message", inner), wrapped("body", inner),
          R"({"Records":[{"Sns":)" + wrapped("Message", inner) + "}]}",
          R"({"Records":[)" + wrapped("body", wrapped("Message", inner)) + "]}",
          R"({"Messages":[)" + wrapped("Body", inner) + "]}",
          R"({"source":"x","detail-type":"y","detail":)" + inner + "}", "[" + inner + "]"}) {
        const auto events = parse_events(message);
        ASSERT_EQ(events.size(), 1U) << message;
        EXPECT_EQ(events[0].key, "k") << message;
    }
    const auto bridge = parse_events(
        R"({"source":"aws.s3","detail-type":"Object Deleted","detail":{"object":{"key":"a+b"}}})");
    ASSERT_EQ(bridge.size(), 1U);
    EXPECT_EQ(bridge[0].kind, EventKind::removed);
    EXPECT_EQ(bridge[0].key, "a+b");
}

TEST(ObjectEvent, RejectsOneLineAndGoesOn) {
    const auto events = parse_events(
        "{\"op\":\"put\",\"key\":\"a\"}\nnonsense\n\n{\"op\":\"remove\",\"key\":\"b\"}\n");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].kind, EventKind::changed);
    EXPECT_EQ(events[1].kind, EventKind::rejected);
    EXPECT_NE(events[1].problem.find("line 2"), std::string::npos) << events[1].problem;
    EXPECT_EQ(events[2].kind, EventKind::removed);
}

TEST(ObjectEvent, RejectsKeysThatLeadOut) {
    for (const char* key :
         {"", "/a", "../a", "a/../b", "a//b", "a%00b", "%2e%2e/a", "a%2", "./a"}) {
        const auto events = parse_events(notification("ObjectCreated:Put", key));
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0].kind, EventKind::rejected) << key;
    }
    std::string deep = "{}";
    for (int i = 0; i < 20; ++i) deep = wrapped("Message", deep);
    EXPECT_EQ(parse_events(deep)[0].kind, EventKind::rejected);
    EXPECT_TRUE(parse_events(" \n").empty());
}

TEST(ObjectEvent, ComparesSequencersOfAnyLength) {
    EXPECT_LT(compare_sequencers("0A", "0B"), 0);
    EXPECT_GT(compare_sequencers("10", "F"), 0);
    EXPECT_EQ(compare_sequencers("000f", "F"), 0);
    EXPECT_LT(compare_sequencers("", "1"), 0);
}

}  // namespace
}  // namespace hls::zarr
