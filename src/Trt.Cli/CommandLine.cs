using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Cli.Commands;
using Trt.Cli.Commands.Bench;

namespace Trt.Cli;

/// <summary>The tool as a function: arguments in, texts and an exit code out.</summary>
internal static class CommandLine
{
    /// <summary>In the order in which help lists them.</summary>
    private static readonly (string Name, Func<Session, Command> Create)[] Commands =
    [
        ("bench", BenchCommand.Create),
        ("build", BuildCommand.Create),
        ("calibrate", CalibrateCommand.Create),
        ("completion", CompletionCommand.Create),
        ("inspect", InspectCommand.Create),
        ("diff", DiffCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("onnx", OnnxCommand.Create),
        ("refit", RefitCommand.Create),
        ("run", RunCommand.Create),
        ("weights", WeightsCommand.Create),
        ("compare", CompareCommand.Create),
        ("reduce", ReduceCommand.Create),
        ("debug", DebugCommand.Create),
    ];

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Gets results.</param>
    /// <param name="error">Gets everything else: errors, warnings, progress.</param>
    /// <param name="cancellation">Ends what runs, as Ctrl-C does.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        using Session session = new(output, error, cancellation);
        RootCommand root = Root(session, arguments);
        ParseResult parsed = root.Parse(arguments);
        session.Use(parsed);
        if (parsed.Errors.Count > 0)
        {
            return Refuse(parsed, session);
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception)
        {
            return session.Fail(exception);
        }
    }

    /// <summary>The root with all commands.</summary>
    public static RootCommand Root(Session session) => Root(session, []);

    /// <summary>The root with the command that arguments begin with: making the options of all the others would take longer than many a command does. With all where they begin with something else, as for help.</summary>
    private static RootCommand Root(Session session, IReadOnlyList<string> arguments)
    {
        RootCommand root = new("Builds, runs, measures, inspects and compares TensorRT engines and ONNX models, with or without a GPU.");
        string? named = arguments.FirstOrDefault();
        bool isKnown = Array.Exists(Commands, command => command.Name == named);
        foreach ((string name, Func<Session, Command> create) in Commands)
        {
            if (!isKnown || name == named)
            {
                root.Subcommands.Add(create(session));
            }
        }

        CommonOptions.AddTo(root);
        HelpWithExamples.AddTo(root);
        return root;
    }

    private static int Refuse(ParseResult parsed, Session session)
    {
        foreach (ParseError problem in parsed.Errors)
        {
            string? unknown = parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith("--", StringComparison.Ordinal) && problem.Message.Contains($"'{token}'", StringComparison.Ordinal));
            session.Error.WriteLine($"trt: {(unknown is null ? problem.Message : NearestOption.Answer(parsed.CommandResult.Command, unknown))}");
        }

        session.Error.WriteLine($"trt: \"{string.Join(' ', Path(parsed.CommandResult).Append("--help"))}\" lists what there is.");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Path(CommandResult command)
    {
        Stack<string> names = [];
        for (SymbolResult? result = command; result is CommandResult { Command: { } part }; result = result.Parent)
        {
            names.Push(part is RootCommand ? "trt" : part.Name);
        }

        return names;
    }
}
