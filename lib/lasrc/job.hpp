// SPDX-License-Identifier: Apache-2.0
// One granule of either sensor from Level-1 to an AC scene.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <variant>

#include "lasrc/job_text.hpp"

namespace hls::lasrc {

using Job = std::variant<LandsatJob, Sentinel2Job>;

// How a job runs; none of it changes what is written, but for the name of the maker.
struct RunSettings {
    std::string software;
    int threads = 1;
    bool overwrite = false;
};

// The job for what the granule is. Throws as parse_landsat_job() and parse_sentinel2_job().
Job make_job(const JobText& text, const RunSettings& settings);

atmosphere::Sensor sensor_of(const Job& job);

// As the functions of landsat_job.hpp and sentinel2_job.hpp.
std::filesystem::path scene_dir_of(const Job& job);
CorrectionPlan plan(const Job& job);
CorrectionReport correct(const Job& job, const atmosphere::Tables& tables,
                         const std::function<void(double)>& progress);

// The picture of before_after_picture.hpp. Whether there can be one is asked before work begins:
// throws Error{usage} for a job whose output has not what it needs.
void check_picture(const Job& job);
void write_picture(const Job& job, const std::filesystem::path& png);

}  // namespace hls::lasrc
