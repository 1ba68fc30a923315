// SPDX-License-Identifier: Apache-2.0
#include "io/ram_output.hpp"

#include <cpl_vsi.h>
#include <fmt/format.h>

#include <atomic>

#include "core/error.hpp"

namespace hls::io {

RamOutput::RamOutput(const std::string& ending) {
    static std::atomic<unsigned> count = 0;
    path_ = fmt::format("/vsimem/hls-output-{}{}", count++, ending);
}

RamOutput::~RamOutput() {
    VSIUnlink(path_.c_str());
}

std::span<const std::byte> RamOutput::bytes() const {
    vsi_l_offset size = 0;
    const GByte* data = VSIGetMemFileBuffer(path_.c_str(), &size, FALSE);
    if (data == nullptr) throw Error{Exit::internal, path_ + " was not written"};
    return {reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

}  // namespace hls::io
