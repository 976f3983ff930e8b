using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Lite;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Trt.Lite on a GPU: 8.6.0's lean runtime by itself, and TensorRT 10's that loads it.</summary>
internal sealed class LiteChecks(Checks checks, Files files, Device device)
{
    public void Run()
    {
        TensorRtLibrary own = TensorRt.Load(files.Lean(8));
        All(own, null, "8.6.0");
        LiteMisuse misuse = new(checks, files, (library, lean, plan, configure) => Open(library, lean, plan, configure));
        misuse.Run(own, null, "8.6.0");
        if (files.HasLean(10))
        {
            TensorRtLibrary newer = TensorRt.Load(files.Lean(10));
            All(newer, files.Lean(8), "10.x with 8.6.0 behind it");
            misuse.Run(newer, files.Lean(8), "10.x with 8.6.0 behind it");
            misuse.OtherReleases(newer, "10.x");
        }

        NativeLoops? loops = NativeLoops.Find(files.TryFind("libgpu_benchmark.so"), out string reason);
        if (loops is not { HasDriver: true })
        {
            checks.Skip("Lite against a double-buffered loop in C++", loops is null ? reason : "the loops in C++ found no driver");
        }
        else
        {
            Speed(loops, own, null, "8.6.0");
            if (files.HasLean(10))
            {
                Speed(loops, TensorRt.Load(files.Lean(10)), files.Lean(8), "10.x with 8.6.0 behind it");
            }
        }

        new LiteProcessingChecks(checks, files, (plan, configure) => Open(own, null, plan, configure)).Run();
    }

    private Engine Open(TensorRtLibrary library, string? lean, string plan, Action<EngineOptions>? configure = null) => new(Path.Combine(files.Plans, plan + ".plan"), o =>
    {
        (o.Library, o.LeanRuntime, o.Device) = (library, lean, device.Ordinal);
        configure?.Invoke(o);
    });

    private void All(TensorRtLibrary library, string? lean, string who)
    {
        foreach (LitePlan plan in LitePlan.All)
        {
            checks.That($"{who}: {plan.Plan} in one line, numbers in and out, equals 8.6.0's answers bit for bit", () => Numbers(library, lean, plan));
        }

        checks.That($"{who}: digits as samples, batches and lists come back in their form", () => Forms(library, lean));
        checks.That($"{who}: a pipeline of 500 digits keeps their order and names what cannot be used", () => Pipeline(library, lean).GetAwaiter().GetResult());
        checks.That($"{who}: 16 callers at once, awaited and not", () => Callers(library, lean).GetAwaiter().GetResult());
        checks.That($"{who}: an output whose length depends on values", () => DataDependent(library, lean));
        checks.That($"{who}: device memory in and out", () => DeviceMemory(library, lean));
    }

    private string? Numbers(TensorRtLibrary library, string? lean, LitePlan plan)
    {
        using NpzFile answers = files.Answers(plan.Plan);
        using Engine engine = Open(library, lean, plan.Plan);
        checks.Note($"{engine}; batch {(engine.HasBatch ? engine.MaxBatch : 0)}, {engine.Runner.ContextCount} contexts{(engine.Runner.ContextLimit is { } limit ? $" ({limit.ReplaceLineEndings(" | ")})" : string.Empty)}");
        HostTensor input = files.Inputs(plan.Plan, 0)[engine.Inputs[0].Name];
        LiteNumbers once = new(engine, input, answers, "set0", 1);
        for (int round = 0; round < 4; round++)
        {
            once.Clear();
            once.Infer(engine);
            if (once.Difference() is { } wrong)
            {
                return $"call {round}: {wrong}";
            }
        }

        using (InferenceContext context = engine.Runner.Rent())
        {
            if (context.GraphRefusal is { } refusal)
            {
                return $"no graph: {refusal}";
            }
        }

        // Several runs in one call, which overlap. Other batches choose no other kernels where the plan has one batch only.
        LiteNumbers often = new(engine, input, answers, "set0", 7);
        for (int round = 0; round < 3; round++)
        {
            often.Clear();
            int samples = often.Infer(engine);
            if (often.Difference(plan.FullRows == plan.Rows ? 0 : 1e-4f) is { } wrong)
            {
                return $"{samples} samples, call {round}: {wrong}";
            }

            once.Clear();
            once.Infer(engine);
            if (once.Difference() is { } other)
            {
                return $"behind {samples} samples: {other}";
            }
        }

        return null;
    }

    private string? Forms(TensorRtLibrary library, string? lean)
    {
        using Engine engine = Open(library, lean, "lenet.vc_excl", o => o.Postprocess(Post.Argmax));
        (float[][] digits, int[] classes) = Digits();
        int[][] batches = engine.Infer<int[][]>([[.. digits[..5]], [.. digits[5..20]]]);
        float[,,,] batch = new float[20, 1, 28, 28];
        Buffer.BlockCopy(digits.SelectMany(digit => digit).ToArray(), 0, batch, 0, batch.Length * sizeof(float));
        List<float[]> many = [.. Enumerable.Range(0, 70).Select(i => digits[i % 20])];
        return engine.Infer<int>(digits[3]) != classes[3] ? "one sample"
            : !engine.Infer<int[]>(batch).SequenceEqual(classes) ? "a batch"
            : !batches[0].Concat(batches[1]).SequenceEqual(classes) || batches[0].Length != 5 ? "a list of batches"
            : !engine.Infer<int[]>(many).SequenceEqual(Enumerable.Range(0, 70).Select(i => classes[i % 20])) ? "a list of 70 samples"
            : null;
    }

    private async Task<string?> Pipeline(TensorRtLibrary library, string? lean)
    {
        await using Engine engine = Open(library, lean, "lenet.vc_excl", o => o.Postprocess(Post.Argmax));
        (float[][] digits, int[] classes) = Digits();
        IEnumerable<float[]> samples = Enumerable.Range(0, 500).Select(i => i % 100 == 99 ? new float[5] : digits[i % 20]);
        int next = 0;
        await foreach (SampleResult<int> result in engine.PipelineAsync<float[], int>(samples).ConfigureAwait(false))
        {
            int i = next++;
            if (result.Index != i || result.IsSuccess != (i % 100 != 99) || (result.IsSuccess && result.Value != classes[i % 20]))
            {
                return $"in place {i}: {result}";
            }
        }

        checks.Note(engine.Report.ToString().ReplaceLineEndings(Environment.NewLine + "     "));
        int broken = 0;
        await foreach (SampleResult<int> result in engine.PipelineAsync<float[], int>(Enumerable.Repeat(digits[0], int.MaxValue)).ConfigureAwait(false))
        {
            if (++broken == 100)
            {
                break;
            }
        }

        return next == 500 ? engine.Infer<int>(digits[0]) == classes[0] ? null : "after a break the engine answers wrong" : $"{next} results";
    }

    private async Task<string?> Callers(TensorRtLibrary library, string? lean)
    {
        await using Engine engine = Open(library, lean, "lenet.vc_excl", o => o.Postprocess(Post.Argmax));
        (float[][] digits, int[] classes) = Digits();
        int wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 40; i++)
            {
                int digit = (caller + i) % 20;
                int found = caller % 2 == 0 ? engine.Infer<int>(digits[digit]) : await engine.InferAsync<int>(digits[digit]).ConfigureAwait(false);
                Interlocked.Add(ref wrong, found == classes[digit] ? 0 : 1);
            }
        }))).ConfigureAwait(false);
        return wrong == 0 ? null : $"{wrong} of 640 are wrong";
    }

    private string? DataDependent(TensorRtLibrary library, string? lean)
    {
        if (lean is not null)
        {
            throw new MissingException("behind LoadRuntime an output of unknown length is refused: it needs an allocator, which the older library would call by its own table");
        }

        using Engine engine = Open(library, lean, "nonzero.vc_excl");
        for (int rows = 1; rows <= 4; rows++)
        {
            float[] x = [.. Enumerable.Range(0, rows * 8).Select(i => (float)(i % 3))];
            float[,] batch = new float[rows, 8];
            Buffer.BlockCopy(x, 0, batch, 0, x.Length * sizeof(float));
            Outputs outputs = engine.Infer(batch);
            int[] found = [.. Enumerable.Range(0, x.Length).Where(i => x[i] != 0)];
            if (!outputs["indices"].To<int[]>().SequenceEqual([.. found.Select(i => i / 8), .. found.Select(i => i % 8)]) || !outputs["neg"].To<float[]>().SequenceEqual(x.Select(value => -value)))
            {
                return $"{rows} rows are wrong";
            }
        }

        return null;
    }

    private string? DeviceMemory(TensorRtLibrary library, string? lean)
    {
        using Engine engine = Open(library, lean, "lenet.vc_excl");
        using NpzFile answers = files.Answers("lenet.vc_excl");
        (float[][] digits, _) = Digits();
        using DeviceMemory<float> data = new(20 * 784, device), prob = new(200, device);
        data.CopyFrom(digits.SelectMany(digit => digit).ToArray());
        for (int round = 0; round < 3; round++)
        {
            prob.Clear();
            engine.Infer(data, prob);
            if (!prob.ToArray().AsSpan().SequenceEqual(answers["set0.prob"].ToFloat32()))
            {
                return $"call {round} differs";
            }
        }

        return null;
    }

    private (float[][] Digits, int[] Classes) Digits()
    {
        using NpzFile answers = files.Answers("lenet.vc_excl");
        float[] prob = answers["set0.prob"].ToFloat32();
        float[] data = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(files.Inputs("lenet.vc_excl", 0)["data"].Bytes.AsSpan()).ToArray();
        return ([.. Enumerable.Range(0, 20).Select(i => data[(i * 784)..((i + 1) * 784)])],
            [.. Enumerable.Range(0, 20).Select(i => Array.IndexOf(prob, prob.AsSpan(i * 10, 10).ToArray().Max(), i * 10, 10) - (i * 10))]);
    }

    private void Speed(NativeLoops loops, TensorRtLibrary library, string? lean, string who)
    {
        foreach (LitePlan plan in LitePlan.All)
        {
            checks.That($"{who}: {plan.Plan} through Lite takes as long as a double-buffered loop in C++", () =>
            {
                using NpzFile answers = files.Answers(plan.Plan);
                using Engine engine = Open(library, lean, plan.Plan);
                using ICudaEngine other = Load(library, lean, plan.Plan);
                HostTensor input = files.Inputs(plan.Plan, 0)[engine.Inputs[0].Name];
                using LiteSpeed speed = new(loops, DoubleBufferDriver.Of(loops), library.Version.Major, device, engine, other, checks);
                speed.Latency(new LiteNumbers(engine, input, answers, "set0", 1), plan);
                HostTensor full = Longer(input, plan);
                speed.Throughput(full, plan);
                return null;
            });
        }
    }

    /// <summary>The values of the longest run that the plan takes.</summary>
    private static HostTensor Longer(HostTensor input, LitePlan plan)
    {
        if (plan.FullRows == plan.Rows)
        {
            return input;
        }

        int row = input.Bytes.Length / plan.Rows;
        Dims shape = input.Shape;
        shape[0] = plan.FullRows;
        return input with { Shape = shape, Bytes = [.. Enumerable.Range(0, plan.FullRows).SelectMany(i => input.Bytes.AsSpan(i % plan.Rows * row, row).ToArray())] };
    }

    private ICudaEngine Load(TensorRtLibrary library, string? lean, string plan)
    {
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        if (lean is null)
        {
            return runtime.DeserializeCudaEngine(files.Plan(plan));
        }

        using IRuntime loaded = runtime.LoadRuntime(lean);
        return loaded.DeserializeCudaEngine(files.Plan(plan));
    }
}
