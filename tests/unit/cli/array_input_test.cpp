// SPDX-License-Identifier: Apache-2.0
#include "cli/array_input.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/error.hpp"

namespace hls::cli {
namespace {

using Arguments = std::vector<std::string>;

class ArrayInput : public testing::Test {
 protected:
    void SetUp() override {
        file_ = testing::TempDir() + "array_input_test.txt";
        std::ofstream(file_) << "LC08_a\n"
                             << R"({"unit":"u1","run_id":"r","seq":7,"argv":["x","-o","y"]})"
                             << "\n\n{\"argv\":1}\n{\"schema\":\"a/1\"}\n{\"unit\":\"u\"}\n";
    }
    void TearDown() override {
        std::remove(file_.c_str());
        for (const char* name : {"HLS_UNIT", "HLS_RUN_ID", "HLS_SEQ", "AWS_BATCH_JOB_ARRAY_INDEX"})
            ::unsetenv(name);
    }
    Exit code_of(Arguments arguments) {
        try {
            expand_array_input(std::move(arguments));
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }

    std::string file_;
};

TEST_F(ArrayInput, LeavesOtherArgumentsAlone) {
    EXPECT_EQ(expand_array_input({"a", "-o", "b"}), (Arguments{"a", "-o", "b"}));
}

TEST_F(ArrayInput, BareLineIsOnePositional) {
    EXPECT_EQ(expand_array_input({"-o", "out", "--inputs-from", file_, "--index=0"}),
              (Arguments{"-o", "out", "LC08_a"}));
}

TEST_F(ArrayInput, JsonLineReplacesTheCallAndNamesTheUnit) {
    ::setenv("AWS_BATCH_JOB_ARRAY_INDEX", "1", 1);
    EXPECT_EQ(expand_array_input({"--inputs-from=" + file_, "--ignored"}),
              (Arguments{"x", "-o", "y"}));
    EXPECT_STREQ(std::getenv("HLS_UNIT"), "u1");
    EXPECT_STREQ(std::getenv("HLS_SEQ"), "7");
}

TEST_F(ArrayInput, JsonWithASchemaIsData) {
    EXPECT_EQ(expand_array_input({"run", "--inputs-from", file_, "--index", "4"}),
              (Arguments{"run", R"({"schema":"a/1"})"}));
    EXPECT_EQ(code_of({"--inputs-from", file_, "--index", "5"}), Exit::bad_input);
}

TEST_F(ArrayInput, ExplicitIndexWinsOverTheEnvironment) {
    ::setenv("AWS_BATCH_JOB_ARRAY_INDEX", "1", 1);
    EXPECT_EQ(expand_array_input({"--inputs-from", file_, "--index", "0"}), (Arguments{"LC08_a"}));
}

TEST_F(ArrayInput, SaysWhatIsWrong) {
    EXPECT_EQ(code_of({"--inputs-from", file_}), Exit::usage);
    EXPECT_EQ(code_of({"--index", "0"}), Exit::usage);
    EXPECT_EQ(code_of({"--inputs-from"}), Exit::usage);
    EXPECT_EQ(code_of({"--inputs-from", file_, "--index", "-1"}), Exit::usage);
    EXPECT_EQ(code_of({"--inputs-from", file_, "--index", "99"}), Exit::missing_input);
    EXPECT_EQ(code_of({"--inputs-from", "/nonexistent", "--index", "0"}), Exit::missing_input);
    EXPECT_EQ(code_of({"--inputs-from", file_, "--index", "2"}), Exit::bad_input);
    EXPECT_EQ(code_of({"--inputs-from", file_, "--index", "3"}), Exit::bad_input);
}

}  // namespace
}  // namespace hls::cli
