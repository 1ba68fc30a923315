// SPDX-License-Identifier: Apache-2.0
// Outputs that either do not exist or are complete: written under a temporary name beside the final
// one, synced, then renamed. Destruction without commit() removes what was written.
#pragma once

#include <filesystem>
#include <string_view>

namespace hls::fs {

enum class IfExists { refuse, replace };

// Hidden name beside `target` that no other process uses: ".<name>.<pid>-<n>.tmp".
std::filesystem::path temporary_name(const std::filesystem::path& target);

// Throws Error{cannot_create} if `target` exists and `mode` is refuse, or if it could not be made
// where it should be. Changes nothing.
void check_output(const std::filesystem::path& target, IfExists mode);

// check_output(), then creates missing parent folders.
void prepare_output(const std::filesystem::path& target, IfExists mode);

class AtomicFile {
 public:
    AtomicFile(std::filesystem::path target, IfExists mode);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    // Write here; any program may create the file.
    const std::filesystem::path& temporary() const { return temporary_; }
    // Syncs and renames. Throws Error{io_error, cannot_create}.
    void commit();

 private:
    std::filesystem::path target_;
    std::filesystem::path temporary_;
    IfExists mode_;
    bool committed_ = false;
};

// A folder of files that appears as a whole. Replacing swaps old and new in one step.
class AtomicDirectory {
 public:
    AtomicDirectory(const std::filesystem::path& target, IfExists mode);
    ~AtomicDirectory();
    AtomicDirectory(const AtomicDirectory&) = delete;
    AtomicDirectory& operator=(const AtomicDirectory&) = delete;

    const std::filesystem::path& temporary() const { return temporary_; }
    void commit();

 private:
    std::filesystem::path target_;
    std::filesystem::path temporary_;
    IfExists mode_;
    bool committed_ = false;
};

// Whole text to `target` through an AtomicFile.
void write_text_atomically(const std::filesystem::path& target, std::string_view text,
                           IfExists mode);

}  // namespace hls::fs
