using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Contexts side by side, profiles, events.</summary>
internal sealed class ContextCases(Subject subject)
{
    public void Run()
    {
        subject.Case("20 digits, then one, then 20", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            string? wrong = run.Run();
            run.Shape(1);
            wrong ??= run.Run();
            run.Shape(20);
            return wrong ?? run.Run();
        });
        subject.Case("four engines at once, each on its own stream", () => AtOnce(4, () => subject.LeNet(), _ => 0));
        subject.Case("two contexts of one engine at once, a profile each", () =>
        {
            using ICudaEngine engine = subject.Engine(subject.Plans.TwoProfiles);
            return AtOnce(2, () => engine, context => context);
        });
        subject.Case("a context changes its profile and comes back", ChangeProfiles);
        subject.Case("the event of consumed inputs lets another stream write them", InputConsumed);
        subject.Case("events order the work of two streams", Events);
        subject.Case("ExecuteV2 waits for the end", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            nint[] bindings = [run.Data.Pointer, run.Prob.Pointer];
            run.Prob.Clear();
            run.Context.ExecuteV2(bindings);
            return subject.Wrong(run.Prob.ToArray()[..200]);
        });
        subject.Case("the default stream", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            run.Prob.Clear();
            run.Context.EnqueueV3(0);
            subject.Device.DefaultStream.Synchronize();
            return run.Wrong();
        });
        subject.Case("a context outlives its engine and its runtime", () =>
        {
            IRuntime runtime = subject.CreateRuntime();
            ICudaEngine engine = runtime.DeserializeCudaEngine(subject.Plans.LeNet);
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 1);
            runtime.Dispose();
            engine.Dispose();
            return run.Run();
        });
    }

    private string? AtOnce(int count, Func<ICudaEngine> engineOf, Func<int, int> profileOf)
    {
        List<ICudaEngine> engines = [];
        List<LeNetRun> runs = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                engines.Add(engineOf());
                IExecutionContext context = engines[i].CreateExecutionContext();
                if (profileOf(i) is > 0 and int profile)
                {
                    context.SetOptimizationProfileAsync(profile, 0);
                    subject.Device.Synchronize();
                }

                runs.Add(new LeNetRun(subject, context, i % 2 == 0 ? 20 : 1));
            }

            for (int round = 0; round < 25; round++)
            {
                runs.ForEach(run => run.Enqueue());
                if (runs.Select(run => run.Wrong()).FirstOrDefault(wrong => wrong is not null) is { } wrong)
                {
                    return $"round {round}: {wrong}";
                }
            }

            return null;
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
            engines.ForEach(engine => engine.Dispose());
        }
    }

    private string? ChangeProfiles()
    {
        using ICudaEngine engine = subject.Engine(subject.Plans.TwoProfiles);
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        if (engine.NbOptimizationProfiles != 2)
        {
            return $"{engine.NbOptimizationProfiles} profiles";
        }

        string? wrong = run.Run();
        foreach (int profile in (int[])[1, 0, 1, 0])
        {
            run.Profile(profile);
            if (run.Context.OptimizationProfile != profile)
            {
                return $"profile {profile} was chosen, {run.Context.OptimizationProfile} is told";
            }

            // 8.6 takes a shape that any profile allows, and refuses the run.
            if (profile == 1 && subject.Refused<TensorRtException>(() =>
                {
                    run.Context.SetInputShape("data", [21, 1, 28, 28]);
                    run.Enqueue();
                }) is { } taken)
            {
                return $"21 digits under profile 1: {taken}";
            }

            foreach (int digits in (int[])[20, 1])
            {
                run.Shape(digits);
                wrong ??= run.Run() is { } found ? $"profile {profile}, {digits} digits: {found}" : null;
            }
        }

        return wrong ?? subject.Refused<TensorRtException>(() => run.Context.SetOptimizationProfileAsync(2, run.Stream)) ?? (run.Context.OptimizationProfile == 0 ? null : "the refused profile is told");
    }

    private string? InputConsumed()
    {
        using ICudaEngine engine = subject.LeNet();
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        using CudaEvent consumed = new(subject.Device, EventFlags.DisableTiming);
        using CudaStream other = new(subject.Device);
        run.Context.InputConsumedEvent = consumed.Handle;
        if (run.Context.InputConsumedEvent != consumed.Handle)
        {
            return "the event is not read back";
        }

        for (int round = 0; round < 20; round++)
        {
            run.Data.CopyFrom(subject.Digits.Value);
            run.Enqueue();
            other.Wait(consumed);
            run.Data.ClearAsync(other);
            if (run.Wrong() is { } wrong)
            {
                return $"round {round}: {wrong}";
            }

            consumed.Synchronize();
            other.Synchronize();
        }

        run.Context.InputConsumedEvent = 0;
        return run.Context.InputConsumedEvent == 0 ? null : "the event is still set";
    }

    private string? Events()
    {
        using ICudaEngine engine = subject.LeNet();
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        using CudaEvent ready = new(subject.Device), begun = new(subject.Device), done = new(subject.Device);
        using CudaStream copies = new(subject.Device);
        using PinnedMemory<float> digits = new(subject.Digits.Value.Length, subject.Device), results = new(320, subject.Device);
        subject.Digits.Value.CopyTo(digits.Span);
        for (int round = 0; round < 20; round++)
        {
            run.Data.ClearAsync(copies);
            run.Data.CopyFromAsync(digits, copies);
            copies.Record(ready);
            run.Stream.Wait(ready);
            run.Stream.Record(begun);
            run.Enqueue();
            run.Stream.Record(done);
            copies.Wait(done);
            run.Prob.CopyToAsync(results, copies);
            copies.Synchronize();
            if (subject.Wrong(results.Span[..200]) is { } wrong)
            {
                return $"round {round}: {wrong}";
            }
        }

        done.Synchronize();
        subject.Checks.Note($"the last run took {done.MillisecondsSince(begun) * 1000:F0} us on the device");
        return done.IsComplete && done.MillisecondsSince(begun) > 0 ? null : "the events tell no time";
    }
}
