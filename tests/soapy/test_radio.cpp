/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A SoapySDR driver for tests, "driver=g20test": a radio that plays known samples by the clock, has
 * a queue like a real one (samples of before a retune are in it), and can be told by a file,
 * control=PATH, re-read at each call, of lines KEY VALUE:
 *
 *     vanished 1       reading fails, the device is not found, opening fails
 *     stall 1          nothing comes
 *     overflows N      N times in all since it was made, it loses 10000 samples and says so
 *     silent_losses N  likewise, only the time stamps tell
 *     hang_ms N        changes of frequency take that long
 *
 * Two receivers, each with a frequency and a queue of its own.
 *
 * Arguments: rate limits and formats as below; native=CS16|CS8|CU8|CF32|CS32, full=FULL SCALE,
 * stamps=false, queue_ms=100, paced=false (as fast as it is read: then the queue holds `queue`
 * samples), lock_us=1000 (samples after a retune that are of neither frequency), play=code|tones.
 *
 * code: I is the tuned megahertz (-1 while locking), and 10000 more by the antenna TX/RX; Q the
 * sample's number modulo 16384. tones: a carrier at each whole 10 MHz + 1 MHz (11, 21, 31, ... MHz), noise below. */
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

using Kwargs = SoapySDR::Kwargs;
enum { MTU = 4096, NOISE = 1 << 16 };

std::map<std::string, long> read_control(const std::string &path)
{
    std::map<std::string, long> all;
    char key[64];
    long value;
    FILE *f = path.empty() ? nullptr : std::fopen(path.c_str(), "re");

    while (f && std::fscanf(f, "%63s %ld", key, &value) == 2)
        all[key] = value;
    if (f)
        std::fclose(f);
    return all;
}

std::string get(const Kwargs &a, const char *key, const char *other)
{
    const auto at = a.find(key);

    return at == a.end() ? other : at->second;
}

int64_t now_ns()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/* One of its receivers; they share the sample rate. */
class Channel {
public:
    struct Tuned {
        uint64_t from; /* sample of the radio's own count */
        double hz;
    };
    const std::string control, native;
    const double full, queue_s, lock_s;
    const bool stamps, paced, tones;
    const uint64_t queue;
    mutable std::mutex lock;
    std::deque<Tuned> tuned;
    double rate = 20e6, width = 20e6, gain = 0, hz = 100e6;
    bool agc = false;
    std::string antenna = "RX", format = "CS16";
    int64_t t0 = 0;    /* of sample 0, when paced */
    int64_t since = 0; /* the device's clock then */
    uint64_t next = 0, made = 0;
    long overflows = 0, silent = 0;
    std::vector<float> noise;
    std::vector<int16_t> wave; /* a stretch of what is received now, over and over */
    double wave_hz = 0;
    std::vector<char> buffer;

    bool told(const char *key) const { return read_control(control)[key] != 0; }

    double hz_of(uint64_t n) const
    {
        double at = tuned.front().hz;
        for (const auto &t : tuned)
            if (n >= t.from)
                at = t.hz;
        return at;
    }

    bool locking(uint64_t n) const
    {
        for (const auto &t : tuned)
            if (t.from > 0 && n >= t.from && (double)(n - t.from) < lock_s * rate)
                return true;
        return false;
    }

    void make_wave(double center)
    {
        wave_hz = center;
        wave.assign(2 * NOISE, 0);
        std::vector<float> x(noise);
        const double lo = center - rate / 2, hi = center + rate / 2;
        for (double f = std::floor(lo / 10e6) * 10e6 + 1e6; f < hi; f += 10e6) {
            if (f <= lo)
                continue;
            /* a whole number of turns in the stretch, so that it can be repeated */
            const double turns = std::round((f - center) / rate * NOISE);
            const double c = std::cos(2 * M_PI * turns / NOISE), s = std::sin(2 * M_PI * turns / NOISE);
            double re = 0.05, im = 0;
            for (int i = 0; i < NOISE; i++) {
                x[2 * i] += (float)re;
                x[2 * i + 1] += (float)im;
                const double next_re = re * c - im * s;
                im = re * s + im * c;
                re = next_re;
            }
        }
        for (int i = 0; i < 2 * NOISE; i++)
            wave[i] = (int16_t)(x[i] * 32767);
    }

    /* Scalars as of 16 bits in the format that was asked for. */
    void store(char *to, size_t i, int v) const
    {
        const double scale = full > 0 && format == "CS16" ? full / 32768 : 1;
        if (format == "CS16")
            ((int16_t *)to)[i] = (int16_t)(v * scale);
        else if (format == "CF32")
            ((float *)to)[i] = (float)v / 32768.0F;
        else if (format == "CS8")
            ((int8_t *)to)[i] = (int8_t)(v / 256);
        else if (format == "CU8")
            ((uint8_t *)to)[i] = (uint8_t)(v / 256 + 128);
        else
            ((int32_t *)to)[i] = v * 65536;
    }

    void fill(char *to, uint64_t n, size_t count)
    {
        double at = hz_of(n);

        if (tones && format == "CS16" && full <= 0) { /* the fast way, for sweeps */
            if (wave_hz != at)
                make_wave(at);
            for (size_t done = 0; done < count;) {
                const size_t from = (n + done) % NOISE, len = std::min(count - done, NOISE - from);
                std::memcpy(to + 4 * done, &wave[2 * from], 4 * len);
                done += len;
            }
            return;
        }
        const int shift = antenna == "RX" ? 0 : 10000;
        const bool fast = format == "CF32"; /* 20 MS/s and more are asked of it */
        bool lost = locking(n);
        uint64_t change = next_change(n);
        for (size_t i = 0; i < count; i++) {
            if (n + i >= change) {
                at = hz_of(n + i);
                lost = locking(n + i);
                change = next_change(n + i);
            }
            const int re = lost ? -1 : (int)(at / 1e6) + shift, im = (int)((n + i) % 16384);
            if (fast) {
                ((float *)to)[2 * i] = (float)re / 32768.0F;
                ((float *)to)[2 * i + 1] = (float)im / 32768.0F;
                continue;
            }
            store(to, 2 * i, re);
            store(to, 2 * i + 1, im);
        }
    }

    uint64_t next_change(uint64_t n) const
    {
        uint64_t next_one = UINT64_MAX;
        for (const auto &t : tuned) {
            const auto locked = t.from + (uint64_t)std::ceil(lock_s * rate);
            if (t.from > n)
                next_one = std::min(next_one, t.from);
            if (locked > n)
                next_one = std::min(next_one, locked);
        }
        return next_one;
    }

    uint64_t due() const { return (uint64_t)((double)(now_ns() - t0) * 1e-9 * rate); }

    /* The last sample that the radio has received by now. */
    uint64_t live() const { return paced ? std::max(due(), next) : next + queue; }

    /* Waits for samples; their number, or a code. */
    int wait(size_t want, long timeout_us)
    {
        const auto c = read_control(control);
        const int64_t until = now_ns() + timeout_us * 1000;
        const auto of = [&](const char *k) { const auto i = c.find(k); return i == c.end() ? 0 : i->second; };

        if (of("vanished"))
            return SOAPY_SDR_STREAM_ERROR;
        if (of("stall")) {
            std::this_thread::sleep_for(std::chrono::microseconds(timeout_us));
            return SOAPY_SDR_TIMEOUT;
        }
        std::unique_lock<std::mutex> hold(lock);
        if (t0 == 0) { /* nothing before it is told to play; SoapyRemote's server asks all the same */
            hold.unlock();
            std::this_thread::sleep_for(std::chrono::microseconds(std::min(timeout_us, 1000L)));
            return SOAPY_SDR_TIMEOUT;
        }
        if (silent < of("silent_losses")) {
            silent++;
            next += 10000;
        }
        if (overflows < of("overflows")) {
            overflows++;
            next += 10000;
            return SOAPY_SDR_OVERFLOW;
        }
        if (!paced)
            return timeout_us == 0 && next >= made ? SOAPY_SDR_TIMEOUT : (int)want;
        if ((double)due() - (double)next > queue_s * rate) {
            next = due();
            return SOAPY_SDR_OVERFLOW;
        }
        const uint64_t some = std::min(want, (size_t)MTU);
        const int64_t at = t0 + (int64_t)((double)(next + some) / rate * 1e9);
        hold.unlock(); /* others tune meanwhile */
        if (at > until) {
            if (until > now_ns())
                std::this_thread::sleep_for(std::chrono::nanoseconds(until - now_ns()));
            return SOAPY_SDR_TIMEOUT;
        }
        if (at > now_ns())
            std::this_thread::sleep_for(std::chrono::nanoseconds(at - now_ns()));
        return (int)some;
    }

    int take(char *to, size_t want, int &flags, long long &time, long timeout_us)
    {
        const int n = wait(std::min(want, (size_t)MTU), timeout_us);

        flags = 0;
        if (n <= 0)
            return n;
        std::lock_guard<std::mutex> hold(lock);
        fill(to, next, (size_t)n);
        if (stamps) {
            flags = SOAPY_SDR_HAS_TIME;
            time = since + (long long)std::llround((double)next / rate * 1e9);
        }
        next += (uint64_t)n;
        /* not paced: reading makes time pass, but what is queued does not */
        if (timeout_us > 0)
            made = next + queue;
        while (tuned.size() > 1 && tuned[1].from + (uint64_t)(lock_s * rate) < next)
            tuned.pop_front();
        return n;
    }

    explicit Channel(const Kwargs &a)
        : control(get(a, "control", "")), native(get(a, "native", "CS16")),
          full(std::atof(get(a, "full", "0").c_str())),
          queue_s(std::atof(get(a, "queue_ms", "100").c_str()) * 1e-3),
          lock_s(std::atof(get(a, "lock_us", "1000").c_str()) * 1e-6),
          stamps(get(a, "stamps", "true") == "true"), paced(get(a, "paced", "true") == "true"),
          tones(get(a, "play", "code") == "tones"),
          queue(std::strtoull(get(a, "queue", "20000").c_str(), nullptr, 10))
    {
        if (told("vanished"))
            throw std::runtime_error("the test radio was pulled out");
        tuned.push_back({0, hz});
        uint32_t seed = 20;
        noise.resize(2 * NOISE);
        for (auto &x : noise) { /* of uniform distribution: about -57 dBFS */
            seed = seed * 1664525U + 1013904223U;
            x = ((float)(seed >> 8) / (1 << 24) - 0.5F) * 0.005F;
        }
    }

    void set_frequency(double v)
    {
        const long ms = read_control(control)["hang_ms"];

        if (ms > 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(ms));
        if (v >= 2e9 && v < 2.001e9)
            throw std::runtime_error("no lock at this frequency");
        std::lock_guard<std::mutex> hold(lock);
        hz = std::round(v); /* its step is 1 Hz */
        if (t0 == 0) /* nothing plays yet */
            tuned.clear();
        tuned.push_back({t0 == 0 ? 0 : live(), hz});
        made = std::max(made, tuned.back().from); /* what is queued now, however it was read before */
    }

    long long time_ns() const
    {
        std::lock_guard<std::mutex> hold(lock);
        return since + (long long)std::llround((double)live() / rate * 1e9);
    }

    bool active() const
    {
        std::lock_guard<std::mutex> hold(lock);
        return t0 != 0;
    }

    /* @epoch: when the device's clock, which both share, was 0; 0: it has not started yet. */
    void activate(int64_t &epoch)
    {
        std::lock_guard<std::mutex> hold(lock);
        t0 = now_ns();
        epoch = epoch ? epoch : t0;
        since = t0 - epoch;
        next = made = 0;
        tuned.assign(1, {0, hz});
    }

    void close()
    {
        std::lock_guard<std::mutex> hold(lock);
        t0 = 0;
    }

    void set_rate(double v)
    {
        std::lock_guard<std::mutex> hold(lock);
        rate = v;
    }
};

class Radio : public SoapySDR::Device {
    Channel one, two;
    int64_t epoch = 0;

    Channel &at(size_t i) { return i == 0 ? one : two; }
    const Channel &at(size_t i) const { return i == 0 ? one : two; }
    static Channel *of(SoapySDR::Stream *s) { return (Channel *)s; }

public:
    explicit Radio(const Kwargs &a) : one(a), two(a) {}

    std::string getDriverKey() const override { return "g20test"; }
    std::string getHardwareKey() const override { return "test radio"; }
    size_t getNumChannels(const int dir) const override { return dir == SOAPY_SDR_RX ? 2 : 0; }
    std::vector<std::string> listAntennas(const int, const size_t) const override { return {"RX", "TX/RX"}; }
    void setAntenna(const int, const size_t i, const std::string &name) override { at(i).antenna = name; }
    std::string getAntenna(const int, const size_t i) const override { return at(i).antenna; }
    std::vector<std::string> listGains(const int, const size_t) const override { return {"LNA"}; }
    void setGain(const int, const size_t i, const double v) override { at(i).gain = std::round(v); }
    void setGain(const int, const size_t i, const std::string &, const double v) override { at(i).gain = v; }
    double getGain(const int, const size_t i) const override { return at(i).gain; }
    double getGain(const int, const size_t i, const std::string &) const override { return at(i).gain; }
    SoapySDR::Range getGainRange(const int, const size_t) const override { return {0, 60}; }
    bool hasGainMode(const int, const size_t) const override { return true; }
    void setGainMode(const int, const size_t i, const bool v) override { at(i).agc = v; }
    bool getGainMode(const int, const size_t i) const override { return at(i).agc; }
    SoapySDR::Range getGainRange(const int, const size_t, const std::string &) const override { return {0, 60}; }

    void setFrequency(const int, const size_t i, const double v, const Kwargs &) override { at(i).set_frequency(v); }
    double getFrequency(const int, const size_t i) const override { return at(i).hz; }
    SoapySDR::RangeList getFrequencyRange(const int, const size_t) const override { return {{10e6, 6e9}}; }
    void setSampleRate(const int, const size_t, const double v) override
    {
        one.set_rate(v);
        two.set_rate(v);
    }
    double getSampleRate(const int, const size_t i) const override { return at(i).rate; }
    SoapySDR::RangeList getSampleRateRange(const int, const size_t) const override { return {{1e5, 61.44e6}}; }
    void setBandwidth(const int, const size_t i, const double v) override { at(i).width = v; }
    double getBandwidth(const int, const size_t i) const override { return at(i).width; }
    SoapySDR::RangeList getBandwidthRange(const int, const size_t) const override { return {{5e6, 5e6}, {10e6, 50e6}}; }
    bool hasHardwareTime(const std::string &what) const override { return one.stamps && what.empty(); }
    long long getHardwareTime(const std::string &) const override { return one.active() ? one.time_ns() : two.time_ns(); }

    std::vector<std::string> getStreamFormats(const int, const size_t) const override { return {one.native, "CS16", "CF32"}; }
    std::string getNativeStreamFormat(const int, const size_t, double &scale) const override
    {
        scale = one.full > 0 ? one.full : one.native == "CS16" ? 32768 : one.native == "CF32" ? 1 : 128;
        return one.native;
    }
    SoapySDR::Stream *setupStream(const int, const std::string &f, const std::vector<size_t> &channels, const Kwargs &) override
    {
        Channel &c = at(channels.empty() ? 0 : channels[0]);

        c.format = f;
        return (SoapySDR::Stream *)&c;
    }
    void closeStream(SoapySDR::Stream *s) override { of(s)->close(); }
    size_t getStreamMTU(SoapySDR::Stream *) const override { return MTU; }
    int activateStream(SoapySDR::Stream *s, const int, const long long, const size_t) override
    {
        of(s)->activate(epoch);
        return 0;
    }
    int readStream(SoapySDR::Stream *s, void *const *buffs, const size_t n, int &flags, long long &time, const long timeout) override
    {
        return of(s)->take((char *)buffs[0], n, flags, time, timeout);
    }
    size_t getNumDirectAccessBuffers(SoapySDR::Stream *) override { return 1; }
    int acquireReadBuffer(SoapySDR::Stream *s, size_t &handle, const void **buffs, int &flags, long long &time, const long timeout) override
    {
        Channel *c = of(s);

        c->buffer.resize((size_t)MTU * 8);
        handle = 0;
        buffs[0] = c->buffer.data();
        return c->take(c->buffer.data(), MTU, flags, time, timeout);
    }
    void releaseReadBuffer(SoapySDR::Stream *, const size_t) override {}
};

SoapySDR::KwargsList find(const Kwargs &args)
{
    const char *env = std::getenv("G20_TEST_RADIO"); /* the control file, for those who only look */
    const std::string control = get(args, "control", env ? env : "");

    if (read_control(control)["vanished"])
        return {};
    Kwargs k(args);
    k["driver"] = "g20test";
    k["label"] = "G20's test radio";
    k["serial"] = "20";
    return {k};
}

SoapySDR::Device *make(const Kwargs &args) { return new Radio(args); }

SoapySDR::Registry registered("g20test", &find, &make, SOAPY_SDR_ABI_VERSION);

} // namespace
