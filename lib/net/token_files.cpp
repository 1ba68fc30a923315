// SPDX-License-Identifier: Apache-2.0
// Files that hold secrets: netrc and single values.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "net/redact.hpp"
#include "net/token.hpp"

namespace hls::net {
namespace {

// Empty when there is no such file.
std::string private_text(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    if ((info.st_mode & 077) != 0)
        throw Error{Exit::permission, path.string() + ": others can read this secret",
                    "chmod 600 " + path.string()};
    forbid_core_dumps();
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string read_secret_file(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path))
        throw Error{Exit::permission, path.string() + ": no such secret file"};
    return std::string(trim(private_text(path)));
}

std::optional<NetrcLogin> netrc_login(const std::string& machine) {
    std::filesystem::path path;
    if (const char* given = std::getenv("NETRC"); given && *given)
        path = given;
    else if (const char* home = std::getenv("HOME"); home && *home)
        path = std::filesystem::path(home) / ".netrc";
    const std::string text = private_text(path);
    const auto words = split_words(text);
    bool ours = false;
    NetrcLogin login;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "machine") {
            if (ours && !login.user.empty()) break;
            ours = words[++i] == machine;
        } else if (ours && words[i] == "login") {
            login.user = words[++i];
        } else if (ours && words[i] == "password") {
            login.password = words[++i];
        }
    }
    if (login.user.empty() || login.password.empty()) return std::nullopt;
    return login;
}

}  // namespace hls::net
