// SPDX-License-Identifier: Apache-2.0
// remote.hpp in the program that starts fast: the twin takes over.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "remote.hpp"

namespace hls::tools {
namespace {

std::vector<std::string> own_arguments() {
    std::ifstream in("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(in, argument, '\0');) arguments.push_back(argument);
    return arguments;
}

[[noreturn]] void become_twin() {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const auto twin = self.parent_path().parent_path() / "libexec" / "hls-tools" / self.filename();
    auto arguments = own_arguments();
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(twin.c_str(), argv.data());
    throw Error{Exit::unavailable, fmt::format("{}: {}", twin.string(), std::strerror(errno)),
                "hls-tools is not installed completely"};
}

}  // namespace

bool is_remote(std::string_view path) {
    return path.starts_with("s3://");
}

std::vector<RemoteText> read_objects(const std::string&, std::string_view) {
    become_twin();
}
std::string read_object(const std::string&) {
    become_twin();
}
bool create_object(const std::string&, const std::string&) {
    become_twin();
}
void archive_object(const RemoteText&, const std::string&) {
    become_twin();
}
std::string call_batch(const std::string&, const std::string&, bool) {
    become_twin();
}
std::string sha256_of(const std::filesystem::path&) {
    become_twin();
}
void require_libraries() {
    become_twin();
}

}  // namespace hls::tools
