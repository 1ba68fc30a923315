// SPDX-License-Identifier: Apache-2.0
#include "core/parse.hpp"

#include <gtest/gtest.h>

#include "core/escape.hpp"
#include "core/ulid.hpp"

namespace hls {
namespace {

TEST(ToDouble, UsesTheWholeTextOrNothing) {
    EXPECT_EQ(to_double("2.0000E-05"), 2e-5);
    EXPECT_EQ(to_double("+1.5"), 1.5);
    for (const char* text : {"", " 1", "1 ", "1,5", "1.5x", "nan", "inf", "0x10", "--1"})
        EXPECT_FALSE(to_double(text)) << text;
}

TEST(ToInt, UsesTheWholeTextOrNothing) {
    EXPECT_EQ(to_int("-9999"), -9999);
    for (const char* text : {"", "1.0", "9999999999999999999", "12a"})
        EXPECT_FALSE(to_int(text)) << text;
}

TEST(Split, KeepsEmptyPieces) {
    EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(SplitWords, DropsBlanks) {
    EXPECT_EQ(split_words("  0.05\t1.2 \r\n"), (std::vector<std::string_view>{"0.05", "1.2"}));
    EXPECT_TRUE(split_words(" \n").empty());
}

TEST(Trim, CutsBothEnds) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim("   "), "");
}

TEST(JsonEscape, EscapesWhatJsonForbids) {
    EXPECT_EQ(json_escape("a\"b\\c\n\x01"), "a\\\"b\\\\c\\n\\u0001");
}

TEST(XmlEscape, EscapesWhatXmlForbids) {
    EXPECT_EQ(xml_escape("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
}

TEST(Ulid, SortsByTimeAndIsUnique) {
    const auto first = new_ulid();
    const auto second = new_ulid();
    EXPECT_EQ(first.size(), 26u);
    EXPECT_NE(first, second);
    EXPECT_LE(first.substr(0, 10), second.substr(0, 10));
}

}  // namespace
}  // namespace hls
