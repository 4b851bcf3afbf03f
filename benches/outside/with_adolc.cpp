// The workloads of benches/common/workloads with ADOL-C, for benches/outside/main.rs, which says how they talk.
//
//     g++ -O3 -DNDEBUG -std=c++17 -DADOLC='"2.7.2"' with_adolc.cpp -ladolc -o with_adolc
//     with_adolc record FILE      records and sweeps for each gradient
//     with_adolc replay FILE      records once, and runs the tape forwards and backwards for each gradient
//
// The objectives are those that the Rust engines have, with plain operators.

#include <adolc/adolc.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using Numbers = std::vector<double>;
using Data = std::map<std::string, Numbers>;

double value_of(const adouble &x) { return x.value(); }

template <class S> S log_sum_exp(const S *x, size_t n) {
    double max = -INFINITY;
    for (size_t i = 0; i < n; i++) max = std::fmax(max, value_of(x[i]));
    S sum = exp(x[0] - max);
    for (size_t i = 1; i < n; i++) sum += exp(x[i] - max);
    return log(sum) + max;
}

template <class S> S sum_of_squares(const S *x, size_t n) {
    S sum = x[0] * x[0];
    for (size_t i = 1; i < n; i++) sum += x[i] * x[i];
    return sum;
}

template <class S> S gmm(const Data &data, const std::vector<S> &at) {
    const Numbers &points = data.at("points"), &sizes = data.at("sizes"), &hyper = data.at("hyper");
    const size_t d = sizes[0], k = sizes[1], n = points.size() / d, width = d * (d - 1) / 2;
    const double gamma = hyper[0], m = hyper[1], constant = hyper[2];
    const S *alpha = at.data(), *mu = alpha + k, *q = mu + k * d, *below = q + k * d;

    std::vector<S> diagonal(k * d), log_det(k), weight(k), beta(k), centered(d), scaled(d);
    for (size_t i = 0; i < k * d; i++) diagonal[i] = exp(q[i]);
    for (size_t c = 0; c < k; c++) {
        log_det[c] = q[c * d];
        for (size_t i = 1; i < d; i++) log_det[c] += q[c * d + i];
        weight[c] = alpha[c] + log_det[c];
    }
    S likelihood = 0;
    for (size_t p = 0; p < n; p++) {
        for (size_t c = 0; c < k; c++) {
            for (size_t i = 0; i < d; i++) centered[i] = points[p * d + i] - mu[c * d + i];
            for (size_t i = 0; i < d; i++) scaled[i] = diagonal[c * d + i] * centered[i];
            const S *entry = below + c * width;
            for (size_t column = 0; column < d; column++)
                for (size_t row = column + 1; row < d; row++) scaled[row] += *entry++ * centered[column];
            beta[c] = weight[c] - sum_of_squares(scaled.data(), d) * 0.5;
        }
        S one = log_sum_exp(beta.data(), k);
        likelihood += one;
    }
    likelihood -= log_sum_exp(alpha, k) * double(n);
    S prior = 0;
    for (size_t c = 0; c < k; c++) {
        S squares = sum_of_squares(diagonal.data() + c * d, d);
        if (width > 0) squares += sum_of_squares(below + c * width, width);
        prior += squares * (0.5 * gamma * gamma) - log_det[c] * m;
    }
    return likelihood - prior + constant;
}

template <class S> S lstm(const Data &data, const std::vector<S> &at) {
    const Numbers &sequence = data.at("sequence"), &start = data.at("state");
    const size_t b = data.at("sizes")[0], layers = start.size() / (2 * b), n = sequence.size() / b;
    const S *in_weight = at.data() + 8 * b * layers, *out_weight = in_weight + b, *out_bias = out_weight + b;
    auto sigmoid = [](const S &x) { return S(1.0 / (exp(-x) + 1.0)); };
    std::vector<S> state(start.begin(), start.end()), signal(b), predicted(b);
    S loss = 0;
    for (size_t t = 0; t + 1 < n; t++) {
        for (size_t j = 0; j < b; j++) signal[j] = in_weight[j] * sequence[t * b + j];
        for (size_t layer = 0; layer < layers; layer++) {
            const S *weights = at.data() + layer * 8 * b, *biases = weights + 4 * b;
            S *hidden = state.data() + layer * 2 * b, *cell = hidden + b;
            for (size_t j = 0; j < b; j++) {
                auto gate = [&](size_t g, const S &x) { return S(x * weights[g * b + j] + biases[g * b + j]); };
                S forget = sigmoid(gate(0, signal[j])), admit = sigmoid(gate(1, hidden[j]));
                S emit = sigmoid(gate(2, signal[j])), change = tanh(gate(3, hidden[j]));
                cell[j] = cell[j] * forget + admit * change;
                hidden[j] = emit * tanh(cell[j]);
                signal[j] = hidden[j];
            }
        }
        for (size_t j = 0; j < b; j++) predicted[j] = signal[j] * out_weight[j] + out_bias[j];
        S exponentials = exp(predicted[0]);
        for (size_t j = 1; j < b; j++) exponentials += exp(predicted[j]);
        S norm = log(exponentials + 2.0);
        for (size_t j = 0; j < b; j++) loss += (predicted[j] - norm) * sequence[(t + 1) * b + j];
    }
    return loss * (-1.0 / double((n - 1) * b));
}

template <class S> S ode(const Data &data, const std::vector<S> &x) {
    const size_t n = x.size(), steps = data.at("sizes")[0];
    const double h = 2.0 / double(steps);
    std::vector<S> y(n, S(0.0)), moved(n), k1(n), k2(n), k3(n), k4(n);
    auto slopes = [&](const std::vector<S> &y, std::vector<S> &k) {
        k[0] = x[0];
        for (size_t i = 1; i < n; i++) k[i] = x[i] * y[i - 1];
    };
    auto move = [&](const std::vector<S> &k, double h) {
        for (size_t i = 0; i < n; i++) moved[i] = y[i] + k[i] * h;
    };
    for (size_t step = 0; step < steps; step++) {
        slopes(y, k1);
        move(k1, h / 2);
        slopes(moved, k2);
        move(k2, h / 2);
        slopes(moved, k3);
        move(k3, h);
        slopes(moved, k4);
        for (size_t i = 0; i < n; i++) y[i] += (k1[i] + k2[i] * 2.0 + k3[i] * 2.0 + k4[i]) * (h / 6);
    }
    return y[n - 1];
}

template <class S> S lse(const Data &, const std::vector<S> &x) { return log_sum_exp(x.data(), x.size()); }

template <class S> S llsq(const Data &data, const std::vector<S> &x) {
    const Numbers &powers = data.at("powers"), &signs = data.at("signs");
    const size_t m = x.size();
    S squares = 0;
    for (size_t i = 0; i < signs.size(); i++) {
        S residual = x[0] * powers[i * m];
        for (size_t j = 1; j < m; j++) residual += x[j] * powers[i * m + j];
        residual -= signs[i];
        squares += residual * residual;
    }
    return squares * 0.5;
}

/// Nanoseconds that this process had on the processor.
long long processor_time() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1'000'000'000LL * time.tv_sec + time.tv_nsec;
}

using Objective = adouble (*)(const Data &, const std::vector<adouble> &);

int main(int count, char **arguments) {
    if (count != 3) return std::cerr << "say record or replay, and a file\n", 2;
    const bool is_replay = std::string(arguments[1]) == "replay";
    std::ifstream file(arguments[2]);
    Data data;
    std::string name, workload;
    file >> workload;
    for (size_t length; file >> name >> length;)
        for (Numbers &numbers = data[name]; length-- > 0;) {
            numbers.emplace_back();
            file >> numbers.back();
        }
    const std::map<std::string, Objective> objectives{
        {"gmm", gmm<adouble>}, {"lstm", lstm<adouble>}, {"ode", ode<adouble>}, {"lse", lse<adouble>}, {"llsq", llsq<adouble>}};
    const Objective f = objectives.at(workload);
    const Numbers &at = data.at("at");
    const int n = int(at.size());
    Numbers gradient_at(n);
    double value = 0;

    // Buffers that hold the whole tape, which would be written to files otherwise: the first recording is, and tells how
    // large they have to be. The others stay in memory.
    size_t sizes[STAT_SIZE] = {};
    auto record = [&](size_t more) {
        trace_on(1, 1, uint(sizes[NUM_OPERATIONS] + more), uint(sizes[NUM_LOCATIONS] + more),
                 uint(sizes[NUM_VALUES] + more), uint(sizes[TAY_STACK_SIZE] + more), 0);
        {
            std::vector<adouble> x(n);
            for (int i = 0; i < n; i++) x[i] <<= at[i];
            adouble y = f(data, x);
            y >>= value;
        }
        trace_off();
    };
    record(1 << 16);
    tapestats(1, sizes);
    auto run = [&] {
        double one = 1;
        if (is_replay)
            gradient(1, n, at.data(), gradient_at.data());
        else {
            record(1 << 16);
            fos_reverse(1, 1, n, &one, gradient_at.data());
        }
    };
    record(1 << 16);
    run();
    std::printf("ADOL-C %s, g++ %s, -O3\n%.17g", ADOLC, __VERSION__, value);
    for (double slope : gradient_at) std::printf(" %.17g", slope);
    std::printf("\n");
    std::fflush(stdout);
    for (unsigned long long times; std::cin >> times;) {
        const long long start = processor_time();
        for (unsigned long long i = 0; i < times; i++) run();
        std::printf("%lld\n", processor_time() - start);
        std::fflush(stdout);
    }
}
