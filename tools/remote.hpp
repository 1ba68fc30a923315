// SPDX-License-Identifier: Apache-2.0
// What needs the network: objects of S3 and calls to AWS.
//
// Loading libcurl with all it needs takes five times as long as answering a question from the log.
// So each tool is built twice: the one that people call replaces itself by its twin in libexec/,
// which has the network, as soon as one of these functions is called. They are therefore called
// before anything else is done.
#pragma once

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
// Moves an object into the "folder" done/ beside it.
void archive_object(const RemoteText& object);

// POST of a JSON body to AWS Batch, /v1/submitjob and so on. The answer's body.
std::string call_batch(const std::string& path, const std::string& body, bool idempotent);

// Only makes sure that this is the program with the network.
void require_network();

}  // namespace hls::tools
