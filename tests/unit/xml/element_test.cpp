// SPDX-License-Identifier: Apache-2.0
// XML trees: what is read, and what is refused.
#include "xml/element.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace hls::xml {
namespace {

TEST(Xml, ReadsElementsAttributesAndText) {
    const auto root = parse(
        "<?xml version=\"1.0\"?><n1:P a=\"1\" b=\"x&amp;y\"><A> text <B i=\"0\">one</B></A>"
        "<B i=\"1\">two</B><![CDATA[ raw <b> ]]></n1:P>",
        "t.xml");
    EXPECT_EQ(root.name, "n1:P");
    EXPECT_EQ(root.attribute("b"), "x&y");
    EXPECT_EQ(root.attribute("c"), std::nullopt);
    EXPECT_EQ(root.text, "raw <b>");
    ASSERT_NE(root.find("A/B"), nullptr);
    EXPECT_EQ(root.find("A/B")->text, "one");
    EXPECT_EQ(root.child("A")->text, "text");
    EXPECT_EQ(root.child("B")->attribute("i"), "1");
    EXPECT_EQ(root.find("A/C"), nullptr);
}

void expect_refused(std::string_view text, std::string_view reason, const Limits& limits = {}) {
    try {
        parse(text, "t.xml", limits);
        FAIL() << "accepted: " << text.substr(0, 60);
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input);
        EXPECT_NE(error.message.find("t.xml"), std::string::npos);
        EXPECT_NE(error.message.find(reason), std::string::npos) << error.message;
    }
}

TEST(Xml, RefusesWhatIsNotWellFormed) {
    expect_refused("", "no element");
    expect_refused("<a><b></a>", "mismatched tag");
    expect_refused("<a>", "no element");
    expect_refused("GROUP = X", "syntax error");
    expect_refused("<a/><b/>", "junk");
}

TEST(Xml, RefusesDoctypeAndEntities) {
    expect_refused("<!DOCTYPE a [<!ENTITY x \"yyyy\">]><a>&x;</a>", "DOCTYPE");
    expect_refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "DOCTYPE");
    expect_refused("<a>&x;</a>", "undefined entity");
}

TEST(Xml, HoldsItsLimits) {
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    expect_refused(deep, "deeply");
    Limits few;
    few.elements = 3;
    expect_refused("<a><b/><b/><b/></a>", "too many", few);
    few.bytes = 10;
    expect_refused("<a>0123456789</a>", "17 bytes", few);
}

}  // namespace
}  // namespace hls::xml
