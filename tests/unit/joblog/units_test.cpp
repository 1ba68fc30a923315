// SPDX-License-Identifier: Apache-2.0
// From announcements to units: order and duplicates of events must not matter.
#include <algorithm>

#include "log_fixture.hpp"

namespace hls::joblog {
namespace {

const std::string kScene27 = "LC09_L1TP_033027_20240307_20240307_02_T1";
const std::string kScene28 = "LC09_L1TP_033028_20240307_20240307_02_T1";

std::string s2(const std::string& satellite, const std::string& sensed, const std::string& baseline,
               const std::string& made) {
    return satellite + "_MSIL1C_" + sensed + "_N" + baseline + "_R035_T35HKD_" + made;
}
std::string s2_record(const std::string& id, const std::string& strip) {
    return R"({"v":1,"kind":"granule","id":")" + id +
           R"(","datastrip":"S2B_OPER_MSI_L1C_DS_2APS_20240307T101522_S)" + strip + R"(_N05.10"})";
}

TEST(GranuleLine, ReadsEveryForm) {
    const auto bare = parse_granule_line("  " + kScene27 + ".tar \r", "test");
    EXPECT_EQ(bare->ac_key(), "ac:033/027/2024-03-07");
    EXPECT_TRUE(bare->acceptable());
    const auto message = parse_granule_line(
        R"({"landsat_product_id":")" + kScene28 + R"(","s3_location":"s3://usgs-landsat/x/"})",
        "test");
    EXPECT_EQ(message->uri, "s3://usgs-landsat/x/");
    const auto safe =
        parse_granule_line(s2("S2B", "20240307T075819", "0510", "20240307T101522") + ".SAFE", "t");
    EXPECT_EQ(safe->group(), "S2B/20240307T075819/R035/35HKD");
    EXPECT_EQ(parse_granule_line("", "test"), std::nullopt);
    EXPECT_EQ(parse_granule_line(R"({"v":1,"kind":"reject","why":"bad_json"})", "t"), std::nullopt);
}

TEST(GranuleLine, RefusesWhatIsNone) {
    for (
        const char* line :
        {"nonsense", "{", "{}", "[1]", R"({"kind":"granule"})", R"({"kind":"cube","id":"x"})",
         "LC08_L1TP_234027_20240307_20240307_02_T1", "LC08_L1TP_033027_20240230_20240307_02_T1",
         "LE07_L1TP_033027_20240307_20240307_02_T1", "LC08_L2SP_033027_20240307_20240307_02_T1",
         "S2B_MSIL1C_20240307T075819_N0510_R035_T35IKD_20240307T101522",
         "S2B_MSIL1C_20240307T275819_N0510_R035_T35HKD_20240307T101522",
         "S2B_MSIL2A_20240307T075819_N0510_R035_T35HKD_20240307T101522",
         R"({"kind":"granule","id":"LC09_L1TP_033027_20240307_20240307_02_T1","sensed_at":"noon"})"})
        try {
            parse_granule_line(line, "line 7");
            FAIL() << line;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::bad_input);
            EXPECT_TRUE(error.message.starts_with("line 7")) << error.message;
        }
}

class Units : public LogTest {};

TEST_F(Units, LandsatSceneMakesItsTiles) {
    add({kScene27});
    EXPECT_EQ(state("ac:033/027/2024-03-07"), "ready new");
    const std::string tile = first_tile();
    EXPECT_EQ(state(tile), "wait scenes");
    const auto rows = members(tile);
    ASSERT_GE(rows.size(), 1u);
    EXPECT_TRUE(std::ranges::is_sorted(rows)) << "from north to south";
    EXPECT_GT(log_->connection().query_int("SELECT count(*) FROM unit WHERE stage='tile'"), 3);
}

TEST_F(Units, EventsAreIdempotentAndUnordered) {
    add({kScene27, kScene28, kScene28});
    const auto dump = [this] {
        return log_->connection().query_text(
            "SELECT group_concat(x) FROM (SELECT ukey||state||coalesce(reason,'') AS x FROM unit "
            "ORDER BY ukey)");
    };
    const std::string forth = dump();
    TearDown();
    SetUp();
    add({kScene28});
    add({kScene27});
    add({kScene27});
    EXPECT_EQ(dump(), forth);
}

TEST_F(Units, TierAndLevel) {
    const std::string gt = "LC08_L1GT_033027_20240307_20240308_02_RT";
    const std::string rt = "LC08_L1TP_033027_20240307_20240309_02_RT";
    const std::string t1 = "LC08_L1TP_033027_20240307_20240320_02_T1";
    const std::string key = "ac:033/027/2024-03-07";
    add({gt});
    EXPECT_EQ(state(key), "skipped not_accepted");
    add({rt});
    EXPECT_EQ(state(key).substr(0, 5), "ready");
    EXPECT_NE(unit(key).spec.find(rt), std::string::npos);
    add({t1, gt});
    EXPECT_NE(unit(key).spec.find(t1), std::string::npos) << "RT replaced by T1";
    EXPECT_EQ(
        log_->connection().query_int("SELECT count(*) FROM product WHERE superseded_by IS NULL"),
        1);
    finish(key, 0);
    add({"LC08_L1TP_033027_20240307_20240401_02_T1"});
    EXPECT_EQ(state(key), "done ok") << "what is done stays done";
}

TEST_F(Units, WithdrawnAndAbsentScenesDoNotBlock) {
    add({kScene27, kScene28});
    const std::string key = "ac:033/027/2024-03-07";
    add({R"({"kind":"granule","event":"withdrawn","id":")" + kScene27 + "\"}"});
    EXPECT_EQ(state(key), "cancelled withdrawn");
    add({kScene27});
    EXPECT_EQ(state(key).substr(0, 5), "ready");
    add({R"({"kind":"granule","event":"absent","id":")" + kScene28 + "\"}"});
    finish(key, 0);
    const auto ready = log_->connection().query_int(
        "SELECT count(*) FROM unit WHERE stage='tile' AND state='ready'");
    EXPECT_GT(ready, 0) << "tiles that need only 27 and 28";
}

TEST_F(Units, TwinsAreOneUnit) {
    const auto a = s2("S2B", "20240307T075819", "0510", "20240307T101522");
    const auto b = s2("S2B", "20240307T075819", "0510", "20240308T001522");
    const auto c = s2("S2B", "20240307T075819", "0510", "20240307T111522");
    add({s2_record(a, "20240307T075800"), s2_record(b, "20240307T080200"),
         s2_record(c, "20240307T080600")});
    const std::string key = "s30:35HKD/S2B/20240307T075819";
    EXPECT_EQ(members(key).size(), 3u) << "three twins, one discriminator on the next day";
    finish("ac:" + a, 0);
    finish("ac:" + b, 4);
    EXPECT_EQ(state(key), "wait scenes");
    finish("ac:" + c, 0);
    EXPECT_EQ(state(key), "ready settled") << "a cloudy half does not lose the other";
    finish(key, 0);
    EXPECT_EQ(state(key), "done ok");
}

TEST_F(Units, AllTwinsCloudySkipTheProduct) {
    const auto a = s2("S2B", "20240307T075819", "0510", "20240307T101522");
    add({a});
    finish("ac:" + a, 4);
    EXPECT_EQ(state("ac:" + a), "skipped cloudy");
    EXPECT_EQ(state("s30:35HKD/S2B/20240307T075819"), "skipped no_scene");
}

TEST_F(Units, RepublicationsReplace) {
    const auto old = s2("S2B", "20240307T075819", "0509", "20240307T101522");
    const auto same = s2("S2B", "20240307T075819", "0510", "20240309T000000");
    const auto newer = s2("S2B", "20240307T075819", "0510", "20240310T000000");
    const std::string strip = "20240307T075800";
    const auto with_time = [&](const std::string& id, const std::string& made) {
        auto record = s2_record(id, strip);
        record.insert(record.size() - 1, R"(,"produced_at":")" + made + "\"");
        return record;
    };
    add({with_time(newer, "2024-03-10T00:00:00Z"), with_time(old, "2024-03-07T10:00:00Z"),
         with_time(same, "2024-03-09T00:00:00Z")});
    EXPECT_EQ(state("ac:" + newer).substr(0, 5), "ready");
    EXPECT_EQ(state("ac:" + old), "superseded newer_edition");
    EXPECT_EQ(state("ac:" + same), "superseded newer_edition");
    finish("ac:" + newer, 0);
    EXPECT_EQ(state("s30:35HKD/S2B/20240307T075819"), "ready settled");
}

TEST_F(Units, TwinsWaitForEachOther) {
    log_->set("twin-wait", "3h");
    const auto a = s2("S2B", "20240307T075819", "0510", "20240307T101522");
    add({R"({"kind":"granule","id":")" + a + R"(","published_at":"2024-03-09T23:00:00Z"})"});
    finish("ac:" + a, 0);
    ClaimRequest s30;
    s30.stages = {"s30"};
    EXPECT_EQ(claim(s30).size(), 0u);
    sleep(std::chrono::hours(2));
    EXPECT_EQ(claim(s30).size(), 1u) << "3 h after publication";
}

TEST_F(Units, MidnightPassJoins) {
    log_->set("join-midnight", "yes");
    IntakeRules rules;
    rules.plan.join_midnight = true;
    // Row 28 is seen 24 s after row 27, on the next day.
    const auto record = [](const std::string& id, const std::string& time) {
        return R"({"kind":"granule","id":")" + id + R"(","sensed_at":")" + time + "\"}";
    };
    add({record(kScene27, "2024-03-07T23:59:50Z"),
         record("LC09_L1TP_033028_20240308_20240308_02_T1", "2024-03-08T00:00:14Z")},
        rules);
    EXPECT_EQ(log_->connection().query_int(
                  "SELECT count(DISTINCT acq_date) FROM unit WHERE stage='tile' AND id IN "
                  "(SELECT unit_id FROM dependency WHERE need_key='ac:033/027/2024-03-07')"),
              1);
    EXPECT_GT(log_->connection().query_int(
                  "SELECT count(*) FROM dependency a JOIN dependency b USING(unit_id) WHERE "
                  "a.need_key='ac:033/027/2024-03-07' AND b.need_key='ac:033/028/2024-03-08'"),
              0);
}

TEST_F(Units, StagesBeforeAndAfterAreOptional) {
    IntakeRules rules;
    rules.plan.fetch = rules.plan.mask = rules.plan.ancillary = rules.plan.deliver = true;
    add({kScene27}, rules);
    const std::string key = "ac:033/027/2024-03-07";
    EXPECT_EQ(state(key), "wait inputs");
    EXPECT_EQ(state("mask:" + kScene27), "wait inputs");
    finish("fetch:" + kScene27, 0);
    EXPECT_EQ(state("mask:" + kScene27), "ready inputs_done");
    finish("mask:" + kScene27, 0);
    EXPECT_EQ(state(key), "wait inputs");
    finish("aux:2024-03-07", 0);
    EXPECT_EQ(state(key), "ready inputs_done");
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM ancillary_day"), 1);
    finish(key, 3);
    EXPECT_GT(log_->connection().query_int(
                  "SELECT count(*) FROM unit WHERE stage='deliver' AND state='wait'"),
              0);
}

}  // namespace
}  // namespace hls::joblog
