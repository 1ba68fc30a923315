// SPDX-License-Identifier: Apache-2.0
#include "io/byte_file.hpp"

#include <cpl_vsi.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>

#include "io/gdal_session.hpp"

namespace hls::io {

struct ByteFile::State {
    ByteSource* source = nullptr;
    std::string path;
    std::exception_ptr failure;
};

namespace {

constexpr const char* kPrefix = "/vsihls/";

// Files by their path without the prefix.
struct Registry {
    std::mutex mutex;
    std::map<std::string, ByteFile::State*, std::less<>> files;

    ByteFile::State* find(const char* name) {
        const std::lock_guard lock(mutex);
        const auto found = files.find(std::string_view(name));
        return found == files.end() ? nullptr : found->second;
    }
};

Registry& registry() {
    static Registry instance;
    return instance;
}

struct OpenFile {
    ByteFile::State* state;
    std::uint64_t size = 0;
    std::uint64_t at = 0;
    bool ended = false;
};

OpenFile& opened(void* file) {
    return *static_cast<OpenFile*>(file);
}

// GDAL is C: what a source throws waits here until ByteFile::rethrow().
template <typename Body>
bool guarded(ByteFile::State& state, Body body) noexcept {
    try {
        body();
        return true;
    } catch (...) {
        if (!state.failure) state.failure = std::current_exception();
        return false;
    }
}

void* open_file(void*, const char* name, const char*) {
    ByteFile::State* state = registry().find(name);
    if (state == nullptr) return nullptr;
    auto file = std::make_unique<OpenFile>(OpenFile{state});
    if (!guarded(*state, [&] { file->size = state->source->size(); })) return nullptr;
    return file.release();
}

int stat_file(void*, const char* name, VSIStatBufL* status, int) {
    ByteFile::State* state = registry().find(name);
    if (state == nullptr) return -1;
    *status = {};
    status->st_mode = S_IFREG;
    const auto ask = [&] { status->st_size = static_cast<off_t>(state->source->size()); };
    return guarded(*state, ask) ? 0 : -1;
}

int seek_file(void* file, vsi_l_offset offset, int origin) {
    OpenFile& f = opened(file);
    f.ended = false;
    f.at = origin == SEEK_SET ? offset : (origin == SEEK_CUR ? f.at : f.size) + offset;
    return 0;
}

vsi_l_offset tell_file(void* file) {
    return opened(file).at;
}

std::size_t read_file(void* file, void* buffer, std::size_t size, std::size_t count) {
    OpenFile& f = opened(file);
    if (size == 0 || count == 0) return 0;
    const std::uint64_t wanted = std::uint64_t{size} * count;
    const std::uint64_t bytes = f.at >= f.size ? 0 : std::min(wanted, f.size - f.at);
    f.ended = bytes < wanted;
    const std::span out(static_cast<std::byte*>(buffer), bytes);
    if (bytes > 0 && !guarded(*f.state, [&] { f.state->source->read(f.at, out); })) return 0;
    f.at += bytes;
    return bytes / size;
}

int at_end(void* file) {
    return opened(file).ended ? 1 : 0;
}

int close_file(void* file) {
    delete &opened(file);
    return 0;
}

void install() {
    static std::once_flag once;
    std::call_once(once, [] {
        init_gdal();
        auto* calls = VSIAllocFilesystemPluginCallbacksStruct();
        calls->open = open_file;
        calls->stat = stat_file;
        calls->seek = seek_file;
        calls->tell = tell_file;
        calls->read = read_file;
        calls->eof = at_end;
        calls->close = close_file;
        VSIInstallPluginHandler(kPrefix, calls);
        VSIFreeFilesystemPluginCallbacksStruct(calls);
    });
}

}  // namespace

ByteFile::ByteFile(ByteSource& source, std::string_view name) : state_(std::make_unique<State>()) {
    static std::atomic<int> count = 0;
    install();
    const std::string key = fmt::format("{}/{}", count++, name);
    state_->source = &source;
    state_->path = kPrefix + key;
    const std::lock_guard lock(registry().mutex);
    registry().files[key] = state_.get();
}

ByteFile::~ByteFile() {
    const std::lock_guard lock(registry().mutex);
    registry().files.erase(state_->path.substr(std::string_view(kPrefix).size()));
}

const std::string& ByteFile::path() const {
    return state_->path;
}

void ByteFile::rethrow() const {
    if (state_->failure) std::rethrow_exception(state_->failure);
}

}  // namespace hls::io
