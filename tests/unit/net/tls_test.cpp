// SPDX-License-Identifier: Apache-2.0
// Certificates that hold and certificates that do not: nothing is said to a stranger.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "net/download.hpp"
#include "servers/server.hpp"

namespace hls::net {
namespace {

using test::Server;
using test::TemporaryFolder;

// A throw-away authority and the certificates it signs.
class Authority {
 public:
    Authority() {
        openssl("req -x509 -nodes -newkey " + kKey +
                " -keyout ca.key -out ca.pem -subj /CN=authority -days 2");
    }
    std::filesystem::path file() const { return folder_ / "ca.pem"; }

    // File of key and certificate for `name` (IP:... or DNS:...), valid for so many days from now.
    std::string certificate(const std::string& name, int days) {
        openssl("req -nodes -newkey " + kKey + " -keyout key -out request -subj /CN=server");
        openssl("x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -out certificate" +
                (" -extfile <(echo subjectAltName=" + name + ") -days ") + std::to_string(days));
        return joined("cat key certificate");
    }
    std::string self_signed() {
        openssl("req -x509 -nodes -newkey " + kKey + " -keyout key -out certificate -days 2" +
                " -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1");
        return joined("cat key certificate");
    }

 private:
    void shell(const std::string& command) {
        const std::string line = "bash -c 'cd " + folder_.path().string() + " && " + command + "'";
        if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
    }
    void openssl(const std::string& arguments) { shell("openssl " + arguments + " 2>/dev/null"); }
    std::string joined(const std::string& command) {
        const std::string name = "server-" + std::to_string(++count_) + ".pem";
        shell(command + " > " + name);
        return folder_ / name;
    }

    const std::string kKey = "ec -pkeyopt ec_paramgen_curve:prime256v1";
    TemporaryFolder folder_;
    int count_ = 0;
};

class Bearer : public Authorizer {
 public:
    void authorize(Request& request) override {
        set_header(request.headers, "Authorization", "Bearer MARKER");
    }
    bool renew(const Response&) override { return false; }
};

TransportOptions trusting(const std::filesystem::path& ca) {
    TransportOptions options;
    options.ca_file = ca;
    return options;
}

Request request_to(const Server& server, const std::string& path) {
    Request request;
    request.url = parse_url(server.url(path));
    return request;
}

TEST(Tls, ValidCertificateOfAnAuthorityThatIsTrusted) {
    Authority authority;
    const Server server("strict", {"--tls", authority.certificate("IP:127.0.0.1", 2)});
    HttpClient client(trusting(authority.file()), RetryPolicy{});
    Bearer bearer;
    EXPECT_EQ(client.send(request_to(server, "/-/files/a?size=5"), &bearer).status, 200);
    EXPECT_EQ(server.requests().at(0)["headers"]["authorization"], "Bearer MARKER");
}

// An answer of 69 at once, a line that says what to do, and no byte of the request sent.
TEST(Tls, StrangersAreNotSpokenTo) {
    Authority authority;
    const Authority other;
    const struct {
        const char* what;
        std::string certificate;
        std::filesystem::path trusted;
    } cases[] = {
        {"self-signed", authority.self_signed(), authority.file()},
        {"another name", authority.certificate("DNS:catalogue.example.org", 2), authority.file()},
        {"expired", authority.certificate("IP:127.0.0.1", -1), authority.file()},
        {"another authority", authority.certificate("IP:127.0.0.1", 2), other.file()},
    };
    for (const auto& one : cases) {
        const Server server("strict", {"--tls", one.certificate});
        HttpClient client(trusting(one.trusted), RetryPolicy{});
        Bearer bearer;
        try {
            client.send(request_to(server, "/-/files/a?size=5"), &bearer);
            ADD_FAILURE() << one.what << " was believed";
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::unavailable) << one.what;
            EXPECT_NE(error.hint.find("HLS_CA_FILE"), std::string::npos) << error.hint;
        }
        const TemporaryFolder folder;
        Download download;
        download.identity = "a";
        download.request = request_to(server, "/-/files/a?size=5");
        download.authorizer = &bearer;
        download.target = folder / "a";
        DownloadOptions roomy;
        roomy.min_free_bytes = 0;
        const auto result = Downloader(client, roomy).run(std::vector{download}).front();
        EXPECT_EQ(result.exit, Exit::unavailable) << one.what << result.message;
        EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << one.what;
        EXPECT_EQ(server.requests().size(), 0u) << one.what;
    }
}

}  // namespace
}  // namespace hls::net
