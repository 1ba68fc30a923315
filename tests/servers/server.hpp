// SPDX-License-Identifier: Apache-2.0
// Starts one of the servers of this folder for the time of a test, and talks to its control page.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/http_client.hpp"

namespace hls::test {

// `name` is strict, swift or nginx. Throws std::runtime_error when it does not come up.
class Server {
 public:
    explicit Server(const std::string& name, std::vector<std::string> arguments = {}) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        const std::string program = HLS_SOURCE_DIR "/tests/servers/" + name;
        arguments.insert(arguments.begin(), program);
        std::vector<char*> argv;
        for (auto& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(pipe[1], STDOUT_FILENO);
            ::execv(program.c_str(), argv.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        std::string line;
        for (char c = 0; c != '\n' && ::read(pipe[0], &c, 1) == 1;) line += c;
        ::close(pipe[0]);
        if (line.empty()) throw std::runtime_error(name + " did not start");
        about_ = nlohmann::json::parse(line);
    }
    ~Server() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url(const std::string& path = {}) const {
        return about_["url"].get<std::string>() + path;
    }
    const nlohmann::json& about() const { return about_; }

    // Of strict: faults and settings; see stub.py.
    void control(const nlohmann::json& order) const {
        net::Request request;
        request.method = "POST";
        request.url = net::parse_url(control_url("/-/control"));
        request.body = order.dump();
        net::HttpClient().send(request);
    }
    nlohmann::json get(const std::string& path) const {
        net::Request request;
        request.url = net::parse_url(control_url(path));
        return nlohmann::json::parse(net::HttpClient().send(request).body);
    }
    // What was asked so far: [{"method","path","query","headers","body","t"}].
    nlohmann::json requests() const { return get("/-/requests")["requests"]; }

 private:
    // A server of TLS, whose certificate may be what the test is about, is controlled without.
    std::string control_url(const std::string& path) const {
        return about_.value("control", url()) + path;
    }

    pid_t pid_ = -1;
    nlohmann::json about_;
};

// A folder that goes away with the test.
class TemporaryFolder {
 public:
    TemporaryFolder() {
        std::string name = std::filesystem::temp_directory_path() / "hls-test-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

// Sets an environment variable for the time of a test.
class Environment {
 public:
    Environment(std::string name, const std::string& value) : name_(std::move(name)) {
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Environment() { ::unsetenv(name_.c_str()); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

 private:
    std::string name_;
};

}  // namespace hls::test
