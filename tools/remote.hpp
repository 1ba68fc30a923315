// SPDX-License-Identifier: Apache-2.0
// What needs large libraries: objects of S3, calls to AWS, digests.
//
// Loading libcurl with all it needs takes five times as long as answering a question from the log,
// and libcrypto twice as long. So each tool is built twice: the one that people call replaces
// itself by its twin in libexec/, which has them, as soon as one of these functions is called. They
// are therefore called before anything else is done.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hls::tools {

bool is_remote(std::string_view path);

struct RemoteText {
    std::string uri, text;
};
// All objects below an s3:// prefix whose names end with `suffix`, in order of their keys.
std::vector<RemoteText> read_objects(const std::string& prefix, std::string_view suffix);
// One object.
std::string read_object(const std::string& uri);
// Writes an object that must not exist yet; false if it does.
bool create_object(const std::string& uri, const std::string& text);
// Moves an object into a "folder" beside it. read_objects() leaves out those in done/ and
// rejected/.
void archive_object(const RemoteText& object, const std::string& folder);

// POST of a JSON body to AWS Batch, /v1/submitjob and so on. The answer's body.
std::string call_batch(const std::string& path, const std::string& body, bool idempotent);

// SHA-256 of a file.
std::string sha256_of(const std::filesystem::path& path);

// Only makes sure that this is the program that has them.
void require_libraries();

}  // namespace hls::tools
