using System.CommandLine;
using System.Globalization;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>trtexec's inference group: how queries run while they are measured.</summary>
internal static class InferenceOptions
{
    private static readonly Option<string?> Shapes = Of<string?>("--shapes", "NAME:DxD,...", "Shapes of the inputs; of shape tensors their values. Also the only profile of a model that is built without others. Default: what the profile was tuned for.");
    private static readonly Option<string[]> LoadInputs = new("--load-inputs", "--loadInputs") { Description = "Values of the inputs: name:file of bare bytes, name=file.npy, file.npz. Default: random.", HelpName = "NAME:FILE,...", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<int?> Seed = Number<int>("--seed", "N", "For random inputs; the same numbers each time. Default: 1.");
    private static readonly Option<int?> Iterations = Number<int>("--iterations", "N", "At least so many measured queries of each stream. Default: 10.", 1);
    private static readonly Option<double?> WarmUp = Number<double>("--warm-up --warmUp", "MS", "Milliseconds of queries before the measured ones. Default: 200.");
    private static readonly Option<double?> Duration = Number<double>("--duration", "S", "At least so many seconds; -1: until Ctrl-C. Default: 3.", -1);
    private static readonly Option<double?> SleepTime = Number<double>("--sleep-time --sleepTime", "MS", "Milliseconds of pause on the device between copy in and computation. Default: 0.");
    private static readonly Option<double?> IdleTime = Number<double>("--idle-time --idleTime", "MS", "Milliseconds of pause on the host between queries. Default: 0.");
    private static readonly Option<int?> Streams = Number<int>("--inf-streams --infStreams --streams", "N", "Contexts that run side by side. Default: 1.", 1);
    private static readonly Option<bool> Threads = Flag("--threads", "A thread for each stream; else one serves all.");
    private static readonly Option<bool> ExposeDma = Flag("--expose-dma --exposeDMA", "Copies do not overlap computation: a query begins when the one before has ended.");
    private static readonly Option<bool> NoTransfers = Flag("--no-data-transfers --noDataTransfers", "No copies to and from the device. The default, as in TensorRT 11.");
    private static readonly Option<bool> Transfers = Flag("--include-data-transfers --includeDataTransfers", "Copies to and from the device in each query.");
    private static readonly Option<bool> Managed = Flag("--use-managed-memory --useManagedMemory", "Inputs and outputs in managed memory.");
    private static readonly Option<bool> Spin = Flag("--use-spin-wait --useSpinWait", "Waiting threads may spin. The default, as in TensorRT 11.");
    private static readonly Option<bool> NoSpin = Flag("--no-spin-wait --noSpinWait", "Waiting threads sleep.");
    private static readonly Option<bool> Graph = Flag("--use-cuda-graph --useCudaGraph", "Computations are launched as CUDA graphs where the engine allows it. The default, as in TensorRT 11.");
    private static readonly Option<bool> NoGraph = Flag("--no-cuda-graph --noCudaGraph", "No CUDA graphs.");
    private static readonly Option<bool> SeparateProfile = Flag("--separate-profile-run --separateProfileRun", "No effect: layers are always timed in runs of their own.");
    private static readonly Option<string?> Defaults = Of<string?>("--defaults", "10|11", "Whose defaults count: 11 (copies off, CUDA graphs, spinning) or those up to TensorRT 10 (copies, no graphs, sleeping). Default: 11.");
    private static readonly Option<double?> CacheRatio = Number<double>("--persistent-cache-ratio --persistentCacheRatio", "0..1", "Which part of the persistent L2 cache a context may use. Default: 0.");
    private static readonly Option<int?> Profile = Number<int>("--use-profile --useProfile", "N", "The optimization profile to run with. Default: 0.");
    private static readonly Option<string?> Allocation = Of<string?>("--allocation-strategy --allocationStrategy", "static|profile|runtime", "Scratch memory for all profiles, for the chosen one, or for the shapes of the run. Default: static.");
    private static readonly Option<string?> Budget = Of<string?>("--weight-streaming-budget --weightStreamingBudget", "-2|-1|N%|SIZE", "Weights kept on the device: -2 all, -1 as the library chooses, a share, or bytes with B, K, M or G. Default: -2.");

    public static IReadOnlyList<Option> All { get; } =
    [
        Shapes, LoadInputs, Seed, Iterations, WarmUp, Duration, SleepTime, IdleTime, Streams, Threads, ExposeDma, NoTransfers, Transfers, Managed, Spin, NoSpin, Graph, NoGraph,
        SeparateProfile, Defaults, CacheRatio, Profile, Allocation, Budget,
    ];

    /// <summary>The shapes that the command line gives, by name or pattern.</summary>
    /// <exception cref="UserError">They are none.</exception>
    public static IReadOnlyDictionary<string, long[]> ReadShapes(ParseResult parsed) =>
        parsed.GetValue(Shapes) is { } text ? ShapeText.Parse(text, "--shapes") : new Dictionary<string, long[]>();

    /// <summary>The files that inputs come from.</summary>
    public static string[] ReadLoads(ParseResult parsed) => parsed.GetValue(LoadInputs) ?? [];

    /// <summary>Whether shapes or files of inputs are given.</summary>
    public static int ReadSeed(ParseResult parsed) => parsed.GetValue(Seed) ?? RandomTensors.DefaultSeed;

    /// <summary>How to measure, but for shapes and values, which need the engine.</summary>
    /// <exception cref="UserError">Options contradict each other.</exception>
    public static BenchmarkOptions Read(ParseResult parsed)
    {
        BenchmarkOptions options = parsed.GetValue(Defaults) switch
        {
            null or "11" => new BenchmarkOptions(),
            "10" => new BenchmarkOptions().AsTensorRt10(),
            { } other => throw new UserError($"--defaults={other}: it must be 10 or 11.", ExitCode.Usage),
        };
        double duration = parsed.GetValue(Duration) ?? 3;
        if (duration is < 0 and not -1)
        {
            throw new UserError($"--duration={duration.ToString(CultureInfo.InvariantCulture)}: seconds are 0 or more, or -1 to measure until Ctrl-C.", ExitCode.Usage);
        }

        return options with
        {
            Seed = ReadSeed(parsed),
            Iterations = parsed.GetValue(Iterations) ?? options.Iterations,
            WarmUp = Milliseconds(parsed, WarmUp) ?? options.WarmUp,
            Duration = duration < 0 ? null : TimeSpan.FromSeconds(duration),
            SleepTime = Milliseconds(parsed, SleepTime) ?? TimeSpan.Zero,
            IdleTime = Milliseconds(parsed, IdleTime) ?? TimeSpan.Zero,
            Streams = parsed.GetValue(Streams) ?? 1,
            UseThreads = parsed.GetValue(Threads),
            ExposeTransfers = parsed.GetValue(ExposeDma),
            TransferData = Either(parsed, Transfers, NoTransfers) ?? options.TransferData,
            UseManagedMemory = parsed.GetValue(Managed),
            SpinWait = Either(parsed, Spin, NoSpin) ?? options.SpinWait,
            UseCudaGraphs = Either(parsed, Graph, NoGraph) ?? options.UseCudaGraphs,
            PersistentCacheRatio = parsed.GetValue(CacheRatio) is { } ratio ? ratio <= 1 ? ratio : throw new UserError("--persistent-cache-ratio is a number from 0 to 1.", ExitCode.Usage) : 0,
            Profile = parsed.GetValue(Profile) ?? 0,
            AllocationStrategy = parsed.GetValue(Allocation) switch
            {
                null or "static" => ExecutionContextAllocationStrategy.Static,
                "profile" => ExecutionContextAllocationStrategy.OnProfileChange,
                "runtime" => ExecutionContextAllocationStrategy.UserManaged,
                { } other => throw new UserError($"--allocation-strategy={other}: it must be static, profile or runtime.", ExitCode.Usage),
            },
        };
    }

    /// <summary>Sets how many weights stay on the device. To be called before contexts are made.</summary>
    /// <exception cref="UserError">The value is none, or the library or the engine streams no weights.</exception>
    public static void ApplyBudget(ParseResult parsed, TensorRtLibrary library, ICudaEngine engine)
    {
        if (parsed.GetValue(Budget) is not { } text || text == "-2")
        {
            return;
        }

        bool isNew = library.Supports("ICudaEngine.setWeightStreamingBudgetV2");
        if (!isNew && !library.Supports("ICudaEngine.setWeightStreamingBudget"))
        {
            throw new UserError($"--weight-streaming-budget: {library} cannot stream weights, which came with TensorRT 10.");
        }

        if (engine.StreamableWeightsSize == 0)
        {
            throw new UserError("--weight-streaming-budget: the engine was built without weight streaming. Build it with --allow-weight-streaming.");
        }

        long budget;
        if (text == "-1")
        {
            budget = isNew ? engine.WeightStreamingAutomaticBudget : -1;
        }
        else if (text.EndsWith('%'))
        {
            budget = double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent <= 100
                ? (long)(engine.StreamableWeightsSize * percent / 100)
                : throw new UserError($"--weight-streaming-budget={text}: a share is 0% to 100%.", ExitCode.Usage);
        }
        else
        {
            try
            {
                budget = OptionValue.Bytes(text, 1);
            }
            catch (FormatException error)
            {
                throw new UserError($"--weight-streaming-budget={text}: {error.Message}", ExitCode.Usage);
            }
        }

        if (isNew)
        {
            engine.WeightStreamingBudgetV2 = Math.Min(budget, engine.StreamableWeightsSize);
        }
        else
        {
            engine.WeightStreamingBudget = budget;
        }
    }

    /// <summary>An option with a value; names have blanks between, ours first.</summary>
    public static Option<T> Of<T>(string names, string value, string description)
    {
        string[] all = names.Split(' ');
        return new Option<T>(all[0], all[1..]) { Description = description, HelpName = value };
    }

    /// <summary>An option that is on when it stands there.</summary>
    public static Option<bool> Flag(string names, string description)
    {
        string[] all = names.Split(' ');
        return new Option<bool>(all[0], all[1..]) { Description = description };
    }

    /// <summary>An option whose value is a number of at least a minimum.</summary>
    public static Option<T?> Number<T>(string names, string value, string description, double least = 0)
        where T : struct, IConvertible
    {
        Option<T?> option = Of<T?>(names, value, description);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out double number) && !(number >= least))
            {
                result.AddError($"{result.IdentifierToken?.Value}={token.Value}: it must be {least.ToString(CultureInfo.InvariantCulture)} or more.");
            }
        });
        return option;
    }

    private static TimeSpan? Milliseconds(ParseResult parsed, Option<double?> option) => parsed.GetValue(option) is { } value ? TimeSpan.FromMilliseconds(value) : null;

    /// <summary>What two opposite flags say, or null.</summary>
    private static bool? Either(ParseResult parsed, Option<bool> on, Option<bool> off)
    {
        bool isOn = parsed.GetValue(on), isOff = parsed.GetValue(off);
        if (isOn && isOff)
        {
            throw new UserError($"{on.Name} and {off.Name} contradict each other: leave one out.", ExitCode.Usage);
        }

        return isOn ? true : isOff ? false : null;
    }
}
