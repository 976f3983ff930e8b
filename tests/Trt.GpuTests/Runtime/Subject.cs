using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>A library and a way of giving it plans: what a round of cases runs over.</summary>
internal sealed class Subject
{
    private readonly PartContext part;
    private readonly ILogger logger;
    private readonly Lazy<(float[] Values, float Tolerance)[]> answers;

    /// <summary>A subject.</summary>
    /// <param name="part">Counts, prints, and has the library.</param>
    /// <param name="name">What the lines call it.</param>
    /// <param name="plans">Its plans.</param>
    /// <param name="logger">One for all subjects of a process: libraries keep the first that they are given.</param>
    public Subject(PartContext part, string name, IPlanSource plans, ILogger logger)
    {
        this.part = part;
        this.logger = logger;
        Name = name;
        Plans = plans;
        Digits = new Lazy<float[]>(() => MemoryMarshal.Cast<byte, float>(part.Files.Inputs("lenet", 0)["data"].Bytes.AsSpan()).ToArray());
        answers = new Lazy<(float[], float)[]>(() => [.. Enumerable.Range(0, 2).Select(plans.LeNetAnswers)]);
    }

    public string Name { get; }

    public IPlanSource Plans { get; }

    public TensorRtLibrary Library => part.Library;

    public Device Device => part.Device;

    public Checks Checks => part.Checks;

    public Files Files => part.Files;

    /// <summary>20 digits of 784 values.</summary>
    public Lazy<float[]> Digits { get; }

    /// <summary>A check of this subject; one that an earlier process has dealt with is left out.</summary>
    public void Case(string name, Func<string?> check)
    {
        string full = $"{Name}: {name}";
        if (!part.Done.Contains(full))
        {
            Checks.That(full, check);
        }
    }

    /// <summary>A check that a call is refused with an exception whose message holds some words.</summary>
    public void Refuses<T>(string name, Action call, params string[] words)
        where T : Exception => Case(name, () => Refused<T>(call, words));

    /// <summary>Null when the call is refused with such an exception, else what happened instead.</summary>
    public string? Refused<T>(Action call, params string[] words)
        where T : Exception
    {
        try
        {
            call();
        }
        catch (T exception)
        {
            string said = exception.Message.ReplaceLineEndings(" | ");
            Checks.Note($"says: {(said.Length > 400 ? said[..400] + " …" : said)}");
            return words.FirstOrDefault(word => !exception.Message.Contains(word, StringComparison.Ordinal)) is { } missing ? $"the message lacks \"{missing}\""
                : exception.Message.Length < 20 ? $"the message is no sentence: {exception.Message}"
                : null;
        }

        return $"no {typeof(T).Name} was thrown";
    }

    /// <summary>Skips the running case unless the library has all of these members.</summary>
    public void Needs(params string[] members)
    {
        if (members.FirstOrDefault(member => !Library.Supports(member)) is { } missing)
        {
            throw new MissingException($"{Library.Release} has no {missing}");
        }
    }

    /// <summary>Skips the running case where the code behind takes no managed callbacks.</summary>
    public void NeedsCallbacks()
    {
        if (!Plans.TakesCallbacks)
        {
            throw new MissingException("objects of IRuntime.LoadRuntime take no managed callbacks");
        }
    }

    /// <summary>A runtime that takes the plans.</summary>
    public IRuntime CreateRuntime() => Plans.CreateRuntime(Library, logger);

    /// <summary>A runtime as the library makes it; with one logger, since libraries keep the first.</summary>
    public IRuntime BareRuntime() => Library.CreateInferRuntime(logger);

    /// <summary>The LeNet engine; disposed of by the caller. Its runtime goes with it.</summary>
    public ICudaEngine LeNet() => Engine(Plans.LeNet);

    /// <summary>An engine of a plan.</summary>
    public ICudaEngine Engine(byte[] plan)
    {
        using IRuntime runtime = CreateRuntime();
        return runtime.DeserializeCudaEngine(plan);
    }

    /// <summary>What differs between answers of LeNet and the recorded ones: of all 20 digits, or of the first alone.</summary>
    public string? Wrong(ReadOnlySpan<float> actual)
    {
        (float[] expected, float tolerance) = answers.Value[actual.Length == 10 ? 1 : 0];
        if (actual.Length != expected.Length)
        {
            return $"{actual.Length} values, expected {expected.Length}";
        }

        if (tolerance == 0)
        {
            return MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan())) ? null : $"the bits differ from value {actual.CommonPrefixLength(expected)} on: {actual[actual.CommonPrefixLength(expected)]}";
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
            {
                return $"value {i} is {actual[i]}, expected {expected[i]}";
            }
        }

        return null;
    }
}
