using System.Globalization;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Checks an installation: what is there, what works, and what to install otherwise.</summary>
/// <remarks>
/// Works with TensorRT, TensorRT-RTX, lean and dispatch runtimes and the CPU runtime, with a GPU and without. Libraries that it loads stay loaded. Thread-safe,
/// but two checks at once on one GPU are in each other's way.
/// </remarks>
public static class TensorRtHealth
{
    private const string Machine = "System";
    private const string Cuda = "CUDA";
    private const string Libraries = "Libraries";

    /// <summary>Checks the installation.</summary>
    /// <param name="options">What to look at; null: what a program would load, tried.</param>
    /// <returns>The report. Nothing is thrown for what is missing or fails: it is in the report.</returns>
    public static TensorRtHealthReport Check(TensorRtHealthOptions? options = null)
    {
        options ??= new TensorRtHealthOptions();
        List<HealthItem> items = [];
        items.Add(new HealthItem(Machine, "platform", HealthStatus.Good, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}"));
        bool gpu = AddCuda(items);
        List<TensorRtLibrary> usable = AddLibraries(items, options);
        TensorRtLibrary? cpu = AddCpuRuntime(items);
        bool named = options.Library?.LibraryPath is not null || options.Library?.Flavour is not (null or Flavour.Cpu) || Environment.GetEnvironmentVariable("TRT_LIBRARY") is { Length: > 0 };
        TensorRtLibrary? chosen = options.Library?.Flavour == Flavour.Cpu ? cpu : usable.FirstOrDefault() ?? (named ? null : cpu);
        items.Add(chosen is null
            ? new HealthItem(Libraries, "a program loads", HealthStatus.Missing, "nothing", Install)
            : new HealthItem(Libraries, "a program loads", HealthStatus.Good, chosen.ToString()));

        (bool CanBuild, bool CanRun) works = default;
        foreach (TensorRtLibrary library in (options.EveryLibrary ? [.. usable, cpu] : new[] { chosen, cpu }).OfType<TensorRtLibrary>().Distinct())
        {
            int first = items.Count;
            LibraryTrial trial = new(library, gpu, items);
            trial.Ask();
            if (options.Try)
            {
                trial.Run();
            }

            if (library == chosen)
            {
                works = (trial.CanBuild, trial.CanRun);
            }
            else if (!options.EveryLibrary)
            {
                // Nobody asked for it: what it lacks is worth knowing, but nothing has failed.
                for (int i = first; i < items.Count; i++)
                {
                    items[i] = items[i].Status == HealthStatus.Failed ? items[i] with { Status = HealthStatus.Missing } : items[i];
                }
            }
        }

        if (options.Plan is { } plan)
        {
            items.Add(Judge(plan, chosen));
        }

        return new TensorRtHealthReport
        {
            At = DateTimeOffset.Now,
            Library = chosen?.ToString(),
            LibraryPath = chosen?.Path,
            CanBuild = works.CanBuild,
            CanRun = works.CanRun,
            Items = items,
        };
    }

    private static string Install =>
        "Install TensorRT (Debian: libnvinfer-bin; Python: pip install tensorrt) or TensorRT-RTX, or name its file or folder with TRT_LIBRARY; without a GPU, reference the package Trt.Cpu and call CpuRuntime.Register().";

    private static bool AddCuda(List<HealthItem> items)
    {
        try
        {
            if (!CudaDriver.IsAvailable(out string reason))
            {
                items.Add(new HealthItem(Cuda, "driver", HealthStatus.Missing, reason, "Needed for engines on a GPU only; the CPU runtime, and TensorRT-RTX's builder and parser, work without."));
                return false;
            }

            items.Add(new HealthItem(Cuda, "driver", HealthStatus.Good, $"supports CUDA {CudaDriver.Version}"));
        }
        catch (Exception error)
        {
            items.Add(Failure(Cuda, "driver", error, "Install NVIDIA's driver again."));
            return false;
        }

        bool any = false;
        foreach (Device device in Device.All)
        {
            any |= Add(items, Cuda, device.ToString(), () =>
            {
                DeviceProperties has = device.Properties;
                using DeviceScope use = device.Use();
                MemoryInfo memory = device.Memory;
                return string.Create(CultureInfo.InvariantCulture, $"{has.Name}, compute capability {has.ComputeCapability}, {has.MultiprocessorCount} multiprocessors at {Megahertz(device, DeviceAttribute.ClockRate)} MHz, ")
                    + string.Create(CultureInfo.InvariantCulture, $"{device.GetAttribute(DeviceAttribute.MaxSharedMemoryPerMultiprocessor) >> 10} KiB of shared memory each, {device.GetAttribute(DeviceAttribute.L2CacheSize) >> 20} MiB of L2 cache, ")
                    + string.Create(CultureInfo.InvariantCulture, $"{has.TotalMemory >> 20} MiB of memory ({memory.FreeBytes >> 20} MiB free) at {Megahertz(device, DeviceAttribute.MemoryClockRate)} MHz, ")
                    + string.Create(CultureInfo.InvariantCulture, $"bus of {device.GetAttribute(DeviceAttribute.GlobalMemoryBusWidth)} bits {(device.GetAttribute(DeviceAttribute.EccEnabled) != 0 ? "with" : "without")} ECC, PCI {has.PciBusId}, {has.Uuid}");
            });
        }

        return any;
    }

    /// <summary>A clock, which the driver gives in kilohertz.</summary>
    private static int Megahertz(Device device, DeviceAttribute clock) => device.GetAttribute(clock) / 1000;

    /// <summary>Every place and file, and the libraries that can be used, in the loader's order.</summary>
    private static List<TensorRtLibrary> AddLibraries(List<HealthItem> items, TensorRtHealthOptions options)
    {
        List<TensorRtLibrary> usable = [];
        if (options.Library?.Flavour == Flavour.Cpu)
        {
            return usable;
        }

        TensorRtOptions asked = options.Library ?? new TensorRtOptions();
        LibrarySearch search;
        try
        {
            search = TensorRt.Search(asked);
        }
        catch (Exception error)
        {
            items.Add(Failure(Libraries, "search", error, null));
            return usable;
        }

        items.Add(new HealthItem(Libraries, "searched", HealthStatus.Note,
            (search.Wanted is null ? string.Empty : $"{search.Wanted}, named by {search.WantedBy}; ")
            + $"names {string.Join(", ", search.Names)}; folders {(search.Folders.Count == 0 ? "none" : string.Join(", ", search.Folders))}"));
        if (search.Candidates.Count == 0)
        {
            bool wrong = search.Wanted is not null && !File.Exists(search.Wanted) && !Directory.Exists(search.Wanted);
            items.Add(new HealthItem(Libraries, search.Wanted ?? "NVIDIA's libraries", wrong ? HealthStatus.Failed : HealthStatus.Missing,
                wrong ? "there is no such file or folder" : "none of the names is in any of the folders", wrong ? $"Correct {search.WantedBy}." : Install));
        }

        Dictionary<string, string> seen = [];
        foreach (LibraryCandidate candidate in search.Candidates)
        {
            string real = RealPath(candidate.Path);
            if (!seen.TryAdd(real, candidate.Path))
            {
                items.Add(new HealthItem(Libraries, candidate.Path, HealthStatus.Note, $"the same file as {seen[real]}"));
            }
            else if (usable.Count > 0 && !options.EveryLibrary)
            {
                items.Add(new HealthItem(Libraries, candidate.Path, HealthStatus.Note, $"not tried, since {usable[0]} comes first"));
            }
            else
            {
                Load(candidate.Path);
            }
        }

        return usable;

        void Load(string path)
        {
            try
            {
                TensorRtLibrary library = TensorRt.Load(asked with { LibraryPath = path });
                usable.Add(library);
                string tables = library.Release == $"{Product(library)} {library.Version.ToString(2)}" || library.Release == $"{Product(library)} {library.Version.ToString(3)}" ? string.Empty : $", called by the tables of {library.Release}";
                items.Add(new HealthItem(Libraries, path, HealthStatus.Good, $"{library}{tables}"));
            }
            catch (TensorRtNotFoundException error)
            {
                string prefix = path + ": ";
                string why = error.Found.Count == 0 ? error.Message : string.Join("; ", error.Found.Select(line => line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : line));
                items.Add(new HealthItem(Libraries, path, HealthStatus.Failed, why, "Install it again for this machine, or remove it."));
            }
            catch (Exception error)
            {
                items.Add(Failure(Libraries, path, error, "Install it again for this machine, or remove it."));
            }
        }
    }

    private static TensorRtLibrary? AddCpuRuntime(List<HealthItem> items)
    {
        try
        {
            TensorRtLibrary cpu = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
            items.Add(new HealthItem(Libraries, "CPU runtime", HealthStatus.Good, $"{cpu} is registered"));
            return cpu;
        }
        catch (TensorRtNotFoundException)
        {
            items.Add(new HealthItem(Libraries, "CPU runtime", HealthStatus.Note, "not registered", "To run without a GPU, reference the package Trt.Cpu and call CpuRuntime.Register()."));
        }
        catch (Exception error)
        {
            items.Add(Failure(Libraries, "CPU runtime", error, "Reference the package Trt.Cpu in the version of Trt.Interop."));
        }

        return null;
    }

    private static HealthItem Judge(string plan, TensorRtLibrary? library)
    {
        try
        {
            PlanHead head = PlanHead.Read(plan);
            PlanFit? fit = library is null ? null : head.FitFor(library);
            HealthStatus status = fit?.Verdict switch { PlanVerdict.Fits => HealthStatus.Good, PlanVerdict.Refused => HealthStatus.Failed, _ => HealthStatus.Note };
            return new HealthItem("Plan", plan, status, fit is { Text.Length: > 0 } ? $"{head}. {fit.Text}" : head.ToString());
        }
        catch (Exception error)
        {
            return Failure("Plan", plan, error, null);
        }
    }

    /// <summary>Adds what a look gives, or what it throws.</summary>
    private static bool Add(List<HealthItem> items, string area, string name, Func<string> look)
    {
        try
        {
            items.Add(new HealthItem(area, name, HealthStatus.Good, look()));
            return true;
        }
        catch (Exception error)
        {
            items.Add(Failure(area, name, error, null));
            return false;
        }
    }

    private static HealthItem Failure(string area, string name, Exception error, string? remedy) =>
        new(area, name, HealthStatus.Failed, LibraryTrial.Words(error), remedy);

    private static string Product(TensorRtLibrary library) => library.Flavour == Flavour.TensorRTRtx ? "TensorRT-RTX" : "TensorRT";

    private static string RealPath(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }
}
