using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary><see cref="InferenceRunner"/> on a GPU, with 8.6.0's lean runtime and with 10.16.1's that loads it.</summary>
internal sealed class RunnerChecks(Checks checks, Files files, Device device, TextWriter output)
{
    private const int Rounds = 3000;

    private float[] digits = [];
    private float[] one = [];
    private float[] twenty = [];

    public void Run()
    {
        digits = MemoryMarshal.Cast<byte, float>(files.Inputs("lenet", 0)["data"].Bytes.AsSpan()).ToArray();
        using (NpzFile answers = files.Answers("lenet.vc_excl"))
        {
            twenty = answers["set0.prob"].ToFloat32();
            one = answers["set1.prob"].ToFloat32();
        }

        TensorRtLibrary library = TensorRt.Load(files.Lean(8));
        Arrays("8.6.0", library, null);
        Memory(library);
        Profiles(library);
        DataDependent(library);
        Graphs(library);
        Threads(library);
        Refusals(library);
        Times(library);
        if (files.HasLean(10))
        {
            Arrays("10.16.1 with 8.6.0 inside", TensorRt.Load(files.Lean(10)), new EngineLoadOptions { LeanRuntime = files.Lean(8) });
        }
    }

    private InferenceRunner Load(TensorRtLibrary library, string plan, RunnerOptions? options = null) =>
        InferenceRunner.Load(files.Plan(plan), library, (options ?? new RunnerOptions()) with { Device = device, Logger = checks.Logger(), Name = plan });

    private static string? Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]));
        }

        return expected.Length == actual.Length && worst <= 1e-4f ? null : $"{actual.Length} values, the largest difference is {worst}";
    }

    private void Arrays(string release, TensorRtLibrary library, EngineLoadOptions? load) => checks.That($"runner, {release}: arrays of any batch, awaited and not", () =>
    {
        using InferenceRunner runner = Load(library, "lenet.vc_excl", new RunnerOptions { Load = load });
        float[] prob = new float[200];
        for (int i = 0; i < 3; i++)
        {
            runner.Run<float, float>(digits.AsSpan(0, 784), prob);
            if (Same(one, prob.AsSpan(0, 10)) is { } wrong)
            {
                return wrong;
            }

            Array.Clear(prob);
            runner.RunAsync<float, float>(digits, prob).AsTask().Wait();
            if (Same(twenty, prob) is { } alsoWrong)
            {
                return alsoWrong;
            }
        }

        return Same(twenty, runner.Run(TensorBinding.Of("data", digits))["prob"].ToArray<float>());
    });

    private void Memory(TensorRtLibrary library) => checks.That("runner: device memory, page-locked memory, streams of the user, outputs left on the device", () =>
    {
        using InferenceRunner runner = Load(library, "lenet.vc_excl");
        using InferenceContext context = runner.Rent();
        using DeviceMemory<float> data = new(digits.Length, device), prob = new(200, device);
        using PinnedMemory<float> pinnedData = new(digits.Length, device), pinnedProb = new(200, device);
        using CudaStream stream = new(device);
        digits.CopyTo(pinnedData.Span);
        data.CopyFromAsync(pinnedData, stream);
        context["data"].Bind(data);
        context["prob"].Bind(prob);
        context.Enqueue(stream);
        context.Synchronize();
        string? wrong = Same(twenty, prob.ToArray());
        context["data"].Bind(pinnedData);
        context["prob"].Bind(pinnedProb);
        context.Enqueue(stream);
        context.Enqueue(); // on another stream, behind the first
        context.Synchronize();
        wrong ??= Same(twenty, pinnedProb.Span);
        context["prob"].Unbind();
        context["prob"].KeepOnDevice = true;
        context.Run();
        wrong ??= Same(twenty, DeviceMemory<float>.FromPointer(context["prob"].DevicePointer, 200, device).ToArray());
        return wrong ?? Same(twenty, context["prob"].ToArray<float>());
    });

    private void Profiles(TensorRtLibrary library) => checks.That("runner: the profile that allows the shapes, and one that is asked for", () =>
    {
        using InferenceRunner runner = Load(library, "lenet.vc_excl_two_profiles");
        using InferenceContext context = runner.Rent();
        foreach (int? profile in (int?[])[null, 1, 0, null])
        {
            context.Profile = profile;
            foreach (int batch in (int[])[20, 1])
            {
                context["data"].CopyFrom<float>(digits.AsSpan(0, batch * 784));
                context.Run();
                if (Same(batch == 1 ? one : twenty, context["prob"].AsSpan<float>()) is { } wrong)
                {
                    return $"profile {context.CurrentProfile}, batch {batch}: {wrong}";
                }
            }
        }

        return null;
    });

    private void DataDependent(TensorRtLibrary library) => checks.That("runner: an output whose length the run finds", () =>
    {
        using InferenceRunner runner = Load(library, "nonzero.vc_excl", new RunnerOptions { UseCudaGraphs = true });
        using InferenceContext context = runner.Rent();
        foreach (int rows in (int[])[4, 1, 3, 4])
        {
            float[] x = [.. Enumerable.Range(0, rows * 8).Select(i => (float)(i % 3))];
            context["x"].CopyFrom<float>(x);
            context.Run();
            int[] found = [.. Enumerable.Range(0, x.Length).Where(i => x[i] != 0)];
            int[] expected = [.. found.Select(i => i / 8), .. found.Select(i => i % 8)];
            int[] actual = context["indices"].ToArray<int>();
            if (!actual.AsSpan().SequenceEqual(expected))
            {
                return $"{rows} rows: {string.Join(' ', actual)}, expected {string.Join(' ', expected)}";
            }

            if (!context["neg"].ToArray<float>().AsSpan().SequenceEqual(Array.ConvertAll(x, value => -value)))
            {
                return $"{rows} rows: neg is wrong";
            }
        }

        output.WriteLine($"     no graph: {context.GraphRefusal}");
        return null;
    });

    private void Graphs(TensorRtLibrary library) => checks.That("runner: graphs are recorded, launched, and recorded anew for other shapes and addresses", () =>
    {
        using InferenceRunner runner = Load(library, "lenet.vc_excl", new RunnerOptions { UseCudaGraphs = true });
        using InferenceContext context = runner.Rent();
        using DeviceMemory<float> prob = new(200, device);
        List<bool> launched = [];
        foreach (int batch in (int[])[20, 20, 20, 1, 1, 20, 1, -20, -20, 20])
        {
            int size = Math.Abs(batch);
            if (batch < 0)
            {
                context["prob"].Bind(prob);
            }
            else
            {
                context["prob"].Unbind();
            }

            context["data"].CopyFrom<float>(digits.AsSpan(0, size * 784));
            context.Run();
            launched.Add(context.WasGraph);
            float[] actual = batch < 0 ? prob.ToArray() : context["prob"].ToArray<float>();
            if (Same(size == 1 ? one : twenty, actual) is { } wrong)
            {
                return $"batch {batch}, run {launched.Count}: {wrong}";
            }
        }

        output.WriteLine($"     launched: {string.Join(' ', launched)}; refusal: {context.GraphRefusal ?? "none"}");
        return context.GraphRefusal ?? (launched.Contains(true) ? null : "no graph was launched");
    });

    private void Threads(TensorRtLibrary library)
    {
        foreach (bool graphs in (bool[])[false, true])
        {
            checks.That($"runner: 16 threads{(graphs ? " with graphs" : "")} get equal results", () =>
            {
                using InferenceRunner runner = Load(library, "lenet.vc_excl_two_profiles", new RunnerOptions { MaxContexts = 8, UseCudaGraphs = graphs });
                string? wrong = null;
                Thread[] threads = [.. Enumerable.Range(0, 16).Select(_ => new Thread(() =>
                {
                    float[] prob = new float[200];
                    for (int i = 0; i < 100 && wrong is null; i++)
                    {
                        try
                        {
                            runner.Run<float, float>(digits, prob);
                            wrong ??= Same(twenty, prob);
                        }
                        catch (Exception error)
                        {
                            wrong ??= error.Message;
                        }
                    }
                }))];
                Array.ForEach(threads, thread => thread.Start());
                Array.ForEach(threads, thread => thread.Join());
                output.WriteLine($"     {runner.ContextCount} contexts; limit: {runner.ContextLimit?.ReplaceLineEndings(" | ") ?? "none"}");
                return wrong;
            });
        }
    }

    private void Refusals(TensorRtLibrary library)
    {
        using InferenceRunner runner = Load(library, "lenet.vc_excl");
        checks.Refuses<ArgumentException>("runner: a batch above the profile's", () => runner.Run<float, float>(new float[33 * 784], new float[330]), "has shape 33x1x28x28", "allows at most 32x1x28x28");
        using InferenceContext context = runner.Rent();
        using DeviceMemory<float> data = new(digits.Length + 1, device);
        checks.Refuses<ArgumentException>("runner: an address that is not aligned", () => context["data"].Bind(data.Slice(1, digits.Length)), "aligned to 256 bytes");
        using DeviceMemory<float> host = new(digits.Length, Device.Host);
        checks.Refuses<ArgumentException>("runner: memory of another device", () => context["data"].Bind(host), "host:0");
    }

    private void Times(TensorRtLibrary library) => checks.That("runner: at most 2 us more than the bare calls, nothing allocated", () =>
    {
        string? slow = null;
        foreach (int batch in (int[])[1, 20])
        {
            // An engine each, for 8.6.0 gives a profile to one context only; one stream, for a GPU takes a few microseconds to go to another.
            using InferenceRunner ofBare = Load(library, "lenet.vc_excl"), runner = Load(library, "lenet.vc_excl"), ofBound = Load(library, "lenet.vc_excl"), ofRented = Load(library, "lenet.vc_excl");
            using InferenceRunner ofGraph = Load(library, "lenet.vc_excl", new RunnerOptions { UseCudaGraphs = true });
            using InferenceContext bound = ofBound.Rent(), rented = ofRented.Rent(), graph = ofGraph.Rent();
            using IExecutionContext bare = ofBare.Engine.CreateExecutionContext();
            using CudaStream stream = new(device);
            using DeviceMemory<float> data = new(batch * 784, device), prob = new(batch * 10, device);
            using PinnedMemory<float> staging = new(batch * 784, device), result = new(batch * 10, device);
            float[] input = digits[..(batch * 784)];
            float[] results = new float[batch * 10];
            TensorBinding[] inputs = [TensorBinding.Of("data", input)];
            TensorBinding[] outputs = [TensorBinding.Of("prob", results)];
            bare.SetInputShape("data", [batch, 1, 28, 28]);
            data.CopyFrom(input);
            bound["data"].Bind(data);
            bound["prob"].Bind(prob);
            (string Name, Action Run)[] runs =
            [
                ("bare calls", () =>
                {
                    bare.SetTensorAddress("data"u8, data.Pointer);
                    bare.SetTensorAddress("prob"u8, prob.Pointer);
                    bare.EnqueueV3(stream);
                    stream.Synchronize();
                }),
                ("InferenceContext.Run", () => bound.Run(stream)),
                ("bare calls and copies", () =>
                {
                    input.CopyTo(staging.Span);
                    bare.SetTensorAddress("data"u8, data.Pointer);
                    bare.SetTensorAddress("prob"u8, prob.Pointer);
                    data.CopyFromAsync(staging, stream);
                    bare.EnqueueV3(stream);
                    prob.CopyToAsync(result, stream);
                    stream.Synchronize();
                    result.Span.CopyTo(results);
                }),
                ("InferenceRunner.Run", () => runner.Run(inputs, outputs, stream)),
                ("rented context", () => Copied(rented, input, results, stream)),
                ("rented, as a graph", () => Copied(graph, input, results, stream)),
            ];
            (double[] medians, long[] allocated) = Measure(Array.ConvertAll(runs, run => run.Run));
            for (int i = 0; i < runs.Length; i++)
            {
                double more = medians[i] - medians[i < 2 ? 0 : 2];
                output.WriteLine($"     batch {batch,2}, {runs[i].Name,-22} {medians[i],7:F2} us, {more,6:F2} us more, {allocated[i]} B");
                slow ??= more > 2 || allocated[i] > 0 ? $"{runs[i].Name}: {more:F2} us more, {allocated[i]} bytes" : null;
            }
        }

        return slow;
    });

    private static void Copied(InferenceContext context, float[] input, float[] results, CudaStream stream)
    {
        context["data"].CopyFrom<float>(input);
        context.Run(stream);
        context["prob"].CopyTo<float>(results);
    }

    /// <summary>Medians in microseconds of runs that take turns in random order, and the most bytes that one allocated.</summary>
    private static (double[] Medians, long[] Allocated) Measure(Action[] runs)
    {
        List<double>[] times = Array.ConvertAll(runs, _ => new List<double>(Rounds));
        long[] allocated = new long[runs.Length];
        int[] order = [.. Enumerable.Range(0, runs.Length)];
        for (int round = -200; round < Rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (int i in order)
            {
                long bytes = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                runs[i]();
                double time = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                if (round >= 0)
                {
                    allocated[i] = Math.Max(allocated[i], GC.GetAllocatedBytesForCurrentThread() - bytes);
                    times[i].Add(time);
                }
            }
        }

        return (Array.ConvertAll(times, list => list.Order().ElementAt(list.Count / 2)), allocated);
    }
}
