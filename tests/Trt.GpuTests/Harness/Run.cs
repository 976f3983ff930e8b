using System.Diagnostics;
using System.Text.Json;

namespace Trt.GpuTests;

/// <summary>A run: looks at the device and the libraries, runs the parts that they allow, each in a process of its own, and gathers the cases.</summary>
internal sealed class Run(CommandLine line) : IDisposable
{
    private readonly string work = Directory.CreateTempSubdirectory("trt-gpu-tests-").FullName;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly List<CaseRecord> cases = [];
    private List<FoundLibrary> found = [];
    private string[] data = [];
    private string? plans;
    private DeviceReport device = new("nobody has looked");
    private ChildProcess children = new(null);
    private int tasks;

    /// <summary>Does all of it and writes the report.</summary>
    /// <returns>The exit code: 1 where a case failed.</returns>
    public int Execute()
    {
        data = [.. new[] { line.Data, Path.Combine(AppContext.BaseDirectory, "data") }.OfType<string>().Where(Directory.Exists).Select(Path.GetFullPath)];
        plans = new[] { line.Plans }.Concat(data.Select(folder => Path.Combine(folder, "plans"))).FirstOrDefault(Directory.Exists);
        Look();
        foreach (Part part in Parts.All.Where(line.Wants))
        {
            RunPart(part);
        }

        int passed = Count(Outcome.Ok), failed = Count(Outcome.Failed), skipped = Count(Outcome.Skipped);
        new Report { Device = device, Libraries = found, Passed = passed, Failed = failed, Skipped = skipped, Seconds = watch.Elapsed.TotalSeconds, Cases = cases }.Write(line.Report!);
        foreach (CaseRecord record in cases.Where(record => record.Outcome == Outcome.Failed))
        {
            Console.WriteLine($"failed: {record.Part}{(record.Library is null ? string.Empty : $" [{record.Library}]")}: {record.Name}");
        }

        Console.WriteLine(FormattableString.Invariant($"{passed} passed, {failed} failed, {skipped} skipped in {watch.Elapsed.TotalSeconds:F1} s"));
        return failed == 0 ? 0 : 1;
    }

    public void Dispose() => Directory.Delete(work, recursive: true);

    private int Count(Outcome outcome) => cases.Count(record => record.Outcome == outcome);

    private string NextFolder() => Path.Combine(work, $"task-{tasks++}");

    /// <summary>The device and the libraries, each looked at by a process of its own: some libraries crash where others refuse.</summary>
    private void Look()
    {
        found = [.. LibraryFolders.Search(line.Libraries)];
        string links = Path.Combine(work, "links");
        Directory.CreateDirectory(links);
        children = new ChildProcess(OperatingSystem.IsLinux() ? LibraryFolders.SearchPath(line.Libraries, found, links) : null);
        string folder = NextFolder();
        string? end = children.Run(new ChildTask(null, null, [], [], null, []), folder, TimeSpan.FromSeconds(line.TimeLimit), quiet: true);
        device = Answer<DeviceReport>(folder) ?? new DeviceReport($"looking for it failed: {end}");
        Console.WriteLine(device.Missing is null ? $"{device.Name}, compute capability {device.ComputeCapability}, driver for CUDA {device.DriverCuda}" : $"no GPU: {device.Missing}");
        for (int i = 0; i < found.Count; i++)
        {
            folder = NextFolder();
            end = children.Run(new ChildTask(null, found[i], [], [], null, []), folder, TimeSpan.FromSeconds(line.TimeLimit), quiet: true);
            FoundLibrary seen = Answer<FoundLibrary>(folder) ?? found[i];
            found[i] = end is null ? seen : seen with { Problem = $"{seen.Problem}: {end}".TrimStart(':', ' ') };
            Console.WriteLine($"{found[i].Path}: {found[i].Title ?? found[i].Kind.ToString()}{(found[i].IsMain ? found[i].HasBuilder ? ", builder" : found[i].HasRuntime ? ", runtime only" : string.Empty : string.Empty)}{(found[i].Problem is { } problem ? $" ({problem})" : string.Empty)}");
        }

        if (!found.Any(library => library.IsMain))
        {
            Add(new CaseRecord("libraries", null, "a library is found", Outcome.Failed, $"there is no TensorRT library in {string.Join(", ", line.Libraries)} nor below", 0, []));
        }
    }

    private static T? Answer<T>(string folder)
        where T : class => File.Exists(ChildTask.AnswerIn(folder)) ? JsonSerializer.Deserialize<T>(File.ReadAllText(ChildTask.AnswerIn(folder)), Journal.Json) : null;

    private void RunPart(Part part)
    {
        if (Missing(part) is { } reason)
        {
            Console.WriteLine($"== {part.Name}");
            Add(new CaseRecord(part.Name, null, part.Name, Outcome.Skipped, reason, 0, []));
            return;
        }

        if (!part.EachLibrary)
        {
            RunPart(part, null);
            return;
        }

        foreach (FoundLibrary library in found.Where(library => library.IsMain && part.WhyNot(library, device) is null))
        {
            RunPart(part, library);
        }
    }

    private void RunPart(Part part, FoundLibrary? library)
    {
        Console.WriteLine($"== {part.Name}{(library is null ? string.Empty : $" [{library.Name}]")}");
        long start = Stopwatch.GetTimestamp();
        TimeSpan limit = TimeSpan.FromSeconds(Math.Max(line.TimeLimit, part.Seconds ?? 0));
        List<string> done = [];
        while (true)
        {
            string folder = NextFolder();
            string? end = children.Run(new ChildTask(part.Name, library, found, data, plans, done), folder, limit - Stopwatch.GetElapsedTime(start));
            (List<CaseRecord> ended, List<string> open) = Journal.Read(ChildTask.JournalIn(folder));
            cases.AddRange(ended);
            if (end is null)
            {
                if (ended.Count == 0 && done.Count == 0)
                {
                    Add(new CaseRecord(part.Name, library?.Name, part.Name, Outcome.Skipped, library is null ? "none of its cases applies here" : $"none of its cases applies to {library.Name}", 0, []));
                }

                return;
            }

            string[] names = open.Count == 0 ? [$"{part.Name} gets to its end"] : [.. open];
            foreach (string name in names)
            {
                Add(new CaseRecord(part.Name, library?.Name, name, Outcome.Failed, end, Stopwatch.GetElapsedTime(start).TotalMilliseconds, []));
            }

            done.AddRange(ended.Select(record => record.Name));
            done.AddRange(open);
            if (!part.Resumes || open.Count == 0 || Stopwatch.GetElapsedTime(start) > limit - TimeSpan.FromSeconds(1))
            {
                return;
            }
        }
    }

    /// <summary>A case that no child could print.</summary>
    private void Add(CaseRecord record)
    {
        cases.Add(record);
        Console.WriteLine($"{(record.Outcome == Outcome.Failed ? "FAIL" : "skip")} {record.Name}: {record.Message}");
    }

    /// <summary>Why a part cannot run at all, or null.</summary>
    private string? Missing(Part part)
    {
        bool Lean(int major) => found.Any(library => library.Kind == LibraryKind.Lean && library.Major == major);
        return part.Needs.HasFlag(Needs.Gpu) && device.Missing is { } reason ? $"there is no GPU: {reason}"
            : part.Needs.HasFlag(Needs.Plans) && plans is null ? "there is no folder of plans: name it with --plans"
            : part.Needs.HasFlag(Needs.Lean8) && !Lean(8) ? "there is no libnvinfer_lean.so.8 in the folders of --library"
            : part.Needs.HasFlag(Needs.Lean10) && !Lean(10) ? "there is no libnvinfer_lean.so.10 in the folders of --library"
            : part.Needs.HasFlag(Needs.Lean11) && !Lean(11) ? "there is no libnvinfer_lean.so.11 in the folders of --library"
            : (part.Needs & (Needs.Builder | Needs.Runtime)) != 0 && found.Where(library => library.IsMain).All(library => part.WhyNot(library, device) is not null) ? Why(part)
            : null;
    }

    private string Why(Part part)
    {
        string what = part.Needs.HasFlag(Needs.Builder) ? "no library with a builder" : "no library that makes a runtime";
        string[] each = [.. found.Where(library => library.IsMain).Select(library => $"{library.Name}: {library.Problem ?? part.WhyNot(library, device)}")];
        return each.Length == 0 ? $"{what} was found" : $"{what} can be used ({string.Join("; ", each)})";
    }
}
