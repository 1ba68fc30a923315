// SPDX-License-Identifier: Apache-2.0
// Mie series and the integration over lognormal volume distributions.
#include "atmosphere/mie.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace hls::atmosphere {
namespace {

using Complex = std::complex<double>;

int series_length(double x) noexcept {
    return static_cast<int>(x + 4.05 * std::cbrt(x) + 8);
}

// Logarithmic derivatives D_0..D_count of psi at z = m x, downward for stability.
std::vector<Complex> log_derivatives(Complex z, int count) {
    const int start = std::max(count, static_cast<int>(std::abs(z))) + 16;
    std::vector<Complex> d(static_cast<std::size_t>(start) + 1);
    for (int n = start; n > 0; --n) {
        const Complex ratio = static_cast<double>(n) / z;
        const auto i = static_cast<std::size_t>(n);
        d[i - 1] = ratio - 1.0 / (d[i] + ratio);
    }
    return d;
}

void sum_efficiencies(SphereScattering& s, double x) noexcept {
    double extinction = 0, scattering = 0, asymmetry = 0;
    for (std::size_t i = 0; i < s.a.size(); ++i) {
        const double n = static_cast<double>(i + 1);
        extinction += (2 * n + 1) * (s.a[i] + s.b[i]).real();
        scattering += (2 * n + 1) * (std::norm(s.a[i]) + std::norm(s.b[i]));
        asymmetry += (2 * n + 1) / (n * (n + 1)) * (s.a[i] * std::conj(s.b[i])).real();
        if (i + 1 == s.a.size()) break;
        const Complex next = s.a[i] * std::conj(s.a[i + 1]) + s.b[i] * std::conj(s.b[i + 1]);
        asymmetry += n * (n + 2) / (n + 1) * next.real();
    }
    s.extinction = 2 / (x * x) * extinction;
    s.scattering = 2 / (x * x) * scattering;
    s.asymmetry_sca = 4 / (x * x) * asymmetry;
}

// pi_n + tau_n and pi_n - tau_n at every cosine, rows n = 1..count.
struct AngleSeries {
    std::vector<double> sum, difference;
    std::size_t angles;
};

AngleSeries angle_series(std::span<const double> cosines, int count) {
    const std::size_t angles = cosines.size();
    AngleSeries series;
    series.angles = angles;
    series.sum.resize(static_cast<std::size_t>(count) * angles);
    series.difference.resize(series.sum.size());
    for (std::size_t j = 0; j < angles; ++j) {
        double before = 0, pi = 1;
        for (int n = 1; n <= count; ++n) {
            const double tau = n * cosines[j] * pi - (n + 1) * before;
            const std::size_t at = static_cast<std::size_t>(n - 1) * angles + j;
            series.sum[at] = pi + tau;
            series.difference[at] = pi - tau;
            const double next = ((2 * n + 1) * cosines[j] * pi - (n + 1) * before) / n;
            before = pi;
            pi = next;
        }
    }
    return series;
}

// S1 + S2 and S1 - S2 of one sphere at all angles, real and imaginary parts apart.
struct Amplitudes {
    std::vector<double> sum_re, sum_im, difference_re, difference_im;

    explicit Amplitudes(std::size_t angles)
        : sum_re(angles), sum_im(angles), difference_re(angles), difference_im(angles) {}
};

void amplitudes(const SphereScattering& s, const AngleSeries& series, Amplitudes& out) noexcept {
    for (auto* part : {&out.sum_re, &out.sum_im, &out.difference_re, &out.difference_im})
        std::fill(part->begin(), part->end(), 0.0);
    double* const pr = out.sum_re.data();
    double* const pi = out.sum_im.data();
    double* const mr = out.difference_re.data();
    double* const mi = out.difference_im.data();
    for (std::size_t i = 0; i < s.a.size(); ++i) {
        const double n = static_cast<double>(i + 1);
        const double scale = (2 * n + 1) / (n * (n + 1));
        const Complex plus = scale * (s.a[i] + s.b[i]), minus = scale * (s.a[i] - s.b[i]);
        const double* const sum = series.sum.data() + i * series.angles;
        const double* const difference = series.difference.data() + i * series.angles;
        for (std::size_t j = 0; j < series.angles; ++j) {
            pr[j] += plus.real() * sum[j];
            pi[j] += plus.imag() * sum[j];
            mr[j] += minus.real() * difference[j];
            mi[j] += minus.imag() * difference[j];
        }
    }
}

// Adds `weight` times the scattering matrix of one sphere.
void add_phase(SpherePhaseMatrix& phase, const Amplitudes& s, double weight) noexcept {
    for (std::size_t j = 0; j < phase.cosine.size(); ++j) {
        const double plus = s.sum_re[j] * s.sum_re[j] + s.sum_im[j] * s.sum_im[j];
        const double minus =
            s.difference_re[j] * s.difference_re[j] + s.difference_im[j] * s.difference_im[j];
        const double cross = s.sum_re[j] * s.difference_re[j] + s.sum_im[j] * s.difference_im[j];
        phase.p11[j] += weight * (plus + minus) / 4;
        phase.p12[j] -= weight * cross / 2;
        phase.p33[j] += weight * (plus - minus) / 4;
    }
}

double radius_um(int i) noexcept {
    return kMinRadiusUm * std::pow(10, i * kRadiusStepDecades);
}

// Volume that every radius stands for, each mode scaled to its in-range volume.
std::vector<double> volume_weights(std::span<const LognormalMode> modes) {
    std::vector<double> total(kRadii, 0.0), mode(kRadii);
    for (const LognormalMode& m : modes) {
        double in_range = 0;
        for (int i = 0; i < kRadii; ++i) {
            const double u = std::log(radius_um(i) / m.radius_um) / m.sigma;
            in_range += mode[static_cast<std::size_t>(i)] = std::exp(-u * u / 2);
        }
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += m.volume_um * mode[i] / in_range;
    }
    return total;
}

}  // namespace

SphereScattering mie_sphere(double size_parameter, Complex index) {
    const double x = size_parameter;
    const int count = series_length(x);
    const std::vector<Complex> d = log_derivatives(index * x, count);
    SphereScattering s;
    double psi_before = std::cos(x), psi = std::sin(x);
    double chi_before = -std::sin(x), chi = std::cos(x);
    for (int n = 1; n <= count; ++n) {
        const double psi_next = (2 * n - 1) / x * psi - psi_before;
        const double chi_next = (2 * n - 1) / x * chi - chi_before;
        psi_before = psi;
        psi = psi_next;
        chi_before = chi;
        chi = chi_next;
        const Complex xi(psi, -chi), xi_before(psi_before, -chi_before);
        const Complex dn = d[static_cast<std::size_t>(n)];
        const Complex electric = dn / index + n / x, magnetic = dn * index + n / x;
        s.a.push_back((electric * psi - psi_before) / (electric * xi - xi_before));
        s.b.push_back((magnetic * psi - psi_before) / (magnetic * xi - xi_before));
    }
    sum_efficiencies(s, x);
    return s;
}

MixtureOptics mie_mixture(const SphereMixture& mixture, double wavelength_um,
                          const GaussRule& angles) {
    const double wavenumber = 2 * std::numbers::pi / wavelength_um;
    const std::vector<double> volume = volume_weights(mixture.modes);
    const std::vector<double> zero(angles.node.size(), 0.0);
    MixtureOptics optics{0, 0, 0, {angles.node, angles.weight, zero, zero, zero}};
    SpherePhaseMatrix& phase = optics.phase;
    const AngleSeries series =
        angle_series(phase.cosine, series_length(wavenumber * radius_um(kRadii)));
    Amplitudes amplitude(phase.cosine.size());
    double scattering = 0, asymmetry = 0;
    for (int i = 0; i < kRadii; ++i) {
        const double radius = radius_um(i);
        const double x = wavenumber * radius;
        const SphereScattering sphere = mie_sphere(x, mixture.index);
        // Cross-section per volume of a sphere is 3 Q / (4 r).
        const double weight = 0.75 / radius * volume[static_cast<std::size_t>(i)];
        optics.optical_depth += weight * sphere.extinction;
        scattering += weight * sphere.scattering;
        asymmetry += weight * sphere.asymmetry_sca;
        if (phase.cosine.empty()) continue;
        amplitudes(sphere, series, amplitude);
        add_phase(phase, amplitude, weight / (x * x));
    }
    optics.single_scattering_albedo = scattering / optics.optical_depth;
    optics.asymmetry = asymmetry / scattering;
    // (1/2) integral of P11 dmu = 1: dQ/dOmega is |S|^2 / (pi x^2).
    for (auto* element : {&phase.p11, &phase.p12, &phase.p33})
        for (double& value : *element) value *= 4 / scattering;
    return optics;
}

}  // namespace hls::atmosphere
