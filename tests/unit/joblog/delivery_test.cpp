// SPDX-License-Identifier: Apache-2.0
// Deliveries: what was sent, what the receiver said, what is still open.

#include "joblog/delivery.hpp"

#include "joblog/record_intake.hpp"
#include "log_fixture.hpp"

namespace hls::joblog {
namespace {

using std::chrono::hours;

const std::string kId = "HLS.L30.T13TFN.2024067T173204.v2.0";

std::string answer(const std::string& identifier, const std::string& status,
                   const std::string& product = kId) {
    return fmt::format(
        R"({{"version":"1.4","collection":"HLSL30","identifier":"{}","processCompleteTime":)"
        R"("2024-03-10T06:00:00Z","product":{{"name":"{}"}},"response":{{"status":"{}",)"
        R"("errorCode":"VALIDATION_ERROR","errorMessage":"checksum"}}}})",
        identifier, product, status);
}

class Delivery : public LogTest {
 protected:
    void SetUp() override {
        LogTest::SetUp();
        add_unit("tile:13TFN/033/2024-03-07");
        add_unit("deliver:13TFN/033/2024-03-07");
        log_->connection().execute(
            "INSERT INTO dependency(unit_id,seq,need_key,gate,verdict) SELECT id,1,"
            "'tile:13TFN/033/2024-03-07','need','done' FROM unit WHERE stage='deliver'");
        finish("tile:13TFN/033/2024-03-07", 0);
        made_by_ = log_->connection().query_text("SELECT run_id FROM attempt");
        send();
    }
    void send() {
        auto record = record_of(claim("deliver:13TFN/033/2024-03-07"), 0);
        const std::string at = "s3://out/L30/data/2024067/" + kId + "/" + kId;
        record.outputs = {{at + ".B01.tif", 10, "a"}, {at + ".json", 20, "b"}};
        record.detail = fmt::format(
            R"({{"outputs":[{{"path":"{0}.B01.tif","bytes":10}},{{"path":"{0}.json","bytes":20}}]}})",
            at);
        sent_by_ = record.run_id;
        apply(record);
    }
    std::vector<Gap> open(seconds age) {
        std::vector<Gap> gaps;
        audit_deliveries(log_->connection(), {}, timestamp(now_ - age),
                         [&](const Gap& gap) { gaps.push_back(gap); });
        return gaps;
    }
    ReceiptFate keep(const std::string& line) {
        const auto receipts = parse_receipts(line, "test");
        return change([&](Change& c) { return apply_receipt(c, receipts->front()); });
    }

    std::string made_by_, sent_by_;
};

TEST_F(Delivery, WhatIsNotAcknowledgedIsOpen) {
    EXPECT_EQ(log_->connection().query_text("SELECT product_id FROM delivery"), kId);
    EXPECT_EQ(open(hours(1)).size(), 0u) << "sent just now";
    sleep(hours(7));
    ASSERT_EQ(open(hours(1)).size(), 1u);
    EXPECT_EQ(open(hours(1)).front().reason, "not_acknowledged");
    EXPECT_EQ(keep(answer(sent_by_, "SUCCESS")), ReceiptFate::kept);
    EXPECT_EQ(keep(answer(sent_by_, "SUCCESS")), ReceiptFate::known);
    EXPECT_EQ(open(hours(1)).size(), 0u);
}

TEST_F(Delivery, AReceiptIsFoundByMakerSenderOrProduct) {
    sleep(hours(7));
    for (const auto& [identifier, product] :
         {std::pair{sent_by_, std::string()}, std::pair{made_by_, std::string()},
          std::pair{std::string("another"), kId}}) {
        EXPECT_EQ(keep(answer(identifier, "FAILURE", product)), ReceiptFate::kept) << identifier;
        EXPECT_EQ(open(hours(1)).front().reason, "FAILURE: VALIDATION_ERROR: checksum");
        EXPECT_EQ(keep(answer(identifier, "SUCCESS", product)), ReceiptFate::kept);
    }
    EXPECT_EQ(keep(answer("another", "SUCCESS", "HLS.L30.T01AAA.2024067T173204.v2.0")),
              ReceiptFate::foreign);
}

TEST_F(Delivery, ARefusedProductIsSentAgain) {
    sleep(hours(7));
    keep(answer(sent_by_, "FAILURE"));
    change([](Change& c) {
        move_unit(c, require_unit(c.connection(), "deliver:13TFN/033/2024-03-07"), "ready",
                  "redriven");
    });
    send();
    EXPECT_EQ(log_->connection().query_int("SELECT count(*) FROM delivery"), 2);
    EXPECT_EQ(open(hours(0)).front().reason, "not_acknowledged") << "the last one counts";
    EXPECT_EQ(keep(answer(sent_by_, "SUCCESS")), ReceiptFate::kept);
    EXPECT_EQ(open(hours(0)).size(), 0u);
}

TEST_F(Delivery, ReconciliationNamesWhatIsMissing) {
    const std::string report = R"([{"HLSL30___2.0":{"report":{")" + kId +
                               R"(.B01.tif":{"granuleId":")" + kId + R"("},")" + kId +
                               R"(.B02.tif":{}}}},{"HLSS30___2.0":{"report":{}}}])";
    const auto receipts = parse_receipts(report, "test");
    ASSERT_TRUE(receipts);
    ASSERT_EQ(receipts->size(), 1u) << "one product, two files";
    EXPECT_EQ(keep(report), ReceiptFate::kept);
    EXPECT_EQ(open(hours(0)).front().reason, "RECONCILE: files missing");
}

TEST_F(Delivery, FilesAreListedAsTheReceiverComparesThem) {
    auto rows = log_->connection().prepare("SELECT * FROM delivered_file");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.text(0), "HLSL30");
    EXPECT_EQ(rows.text(2), kId + ".B01.tif");
    EXPECT_EQ(rows.integer(3), 10);
    EXPECT_FALSE(rows.step()) << "the manifest is no data";
}

TEST_F(Delivery, EnvelopesComeOff) {
    const auto quoted = [](const std::string& text) {
        std::string result = "\"";
        for (const char c : text)
            result += c == '"'    ? std::string("\\\"")
                      : c == '\\' ? std::string("\\\\")
                                  : std::string(1, c);
        return result + '"';
    };
    const std::string sns =
        R"({"Type":"Notification","Message":)" + quoted(answer("x", "SUCCESS")) + "}";
    const std::string sqs = R"({"Messages":[{"Body":)" + quoted(sns) + R"(},{"Body":)" +
                            quoted(answer("y", "SUCCESS")) + "}]}";
    EXPECT_EQ(parse_receipts(sns, "test")->front().identifier, "x");
    ASSERT_EQ(parse_receipts(sqs, "test")->size(), 2u);
    EXPECT_FALSE(parse_receipts(R"({"v":1,"run_id":"r","unit":"u","exit":0})", "test"));
    EXPECT_FALSE(parse_receipts("nonsense", "test"));
    EXPECT_EQ(code_of([] { parse_receipts(answer("x", "PERHAPS"), "test"); }), Exit::bad_input);
}

TEST_F(Delivery, LinesOfBothKindsAreTakenInTogetherOrNotAtAll) {
    const std::vector<ReturnedLine> lines{
        {answer(sent_by_, "SUCCESS"), "one"}, {"", "two"}, {"nonsense", "three"}};
    EXPECT_EQ(code_of([&] { take_in(*log_, lines); }), Exit::bad_input);
    EXPECT_EQ(
        log_->connection().query_int("SELECT count(*) FROM delivery WHERE answer IS NOT NULL"), 0);
    int told = 0;
    const auto count = take_in(*log_, lines, [&](const Error&) { ++told; });
    EXPECT_EQ(count.receipts, 1);
    EXPECT_EQ(count.rejected, std::vector<std::size_t>{2});
    EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace hls::joblog
