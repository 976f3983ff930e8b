using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Cli.Commands;
using Trt.Cli.Commands.Bench;

namespace Trt.Cli;

/// <summary>The tool as a function: arguments in, texts and an exit code out.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Gets results.</param>
    /// <param name="error">Gets everything else: errors, warnings, progress.</param>
    /// <param name="cancellation">Ends what runs, as Ctrl-C does.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        using Session session = new(output, error, cancellation);
        RootCommand root = Root(session);
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

    /// <summary>All commands.</summary>
    public static RootCommand Root(Session session)
    {
        RootCommand root = new("Builds, runs, measures, inspects and compares TensorRT engines and ONNX models, with or without a GPU.")
        {
            BenchCommand.Create(session),
            BuildCommand.Create(session),
            CalibrateCommand.Create(session),
            CompletionCommand.Create(session),
            InspectCommand.Create(session),
            DiffCommand.Create(session),
            DoctorCommand.Create(session),
            OnnxCommand.Create(session),
            RefitCommand.Create(session),
            RunCommand.Create(session),
            WeightsCommand.Create(session),
            CompareCommand.Create(session),
            ReduceCommand.Create(session),
            DebugCommand.Create(session),
        };
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
