using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A part fails when it cannot be parsed, built or run, in the way in which the whole model cannot.</summary>
/// <param name="step"><c>parse</c>, <c>build</c> or <c>run</c>: how far it is taken.</param>
/// <param name="session">Its token ends a run.</param>
/// <param name="factory">Builds.</param>
/// <param name="choice">With what.</param>
/// <param name="library">The value of <c>--library</c>.</param>
/// <param name="pattern">What a failure's message must contain; null: it must be of the same kind as the whole model's.</param>
internal sealed class BuildCheck(string step, Session session, RunnerFactory factory, RunnerChoice choice, string? library, Regex? pattern) : ReductionCheck
{
    private string? kind;

    public override bool Fails(OnnxCandidate candidate)
    {
        try
        {
            Take(candidate);
            return false;
        }
        catch (Exception error) when (IsRefusal(error))
        {
            string its = KindOf(error);
            kind ??= its;
            return (pattern?.IsMatch(error.Message) ?? its == kind) && Failed(error.Message);
        }
    }

    /// <summary>Whether an exception is a library's answer to a model, and no fault of the command line.</summary>
    public static bool IsRefusal(Exception error) => error is TensorRtException or OnnxParseException or BuildRefusedException or OnnxRuntimeException or NotSupportedException or ArgumentException
        or InvalidOperationException or NotInThisReleaseException or OnnxFormatException;

    private void Take(OnnxCandidate candidate)
    {
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples = [candidate.Inputs];
        using ComparedModel model = ComparedModel.Over(candidate.Model);
        if (step == "run")
        {
            using ComparedRunner runner = factory.Open(choice.Text, model, choice, samples);
            runner.Run(0, candidate.Inputs, session.Cancellation);
            return;
        }

        if (choice.IsOnnx)
        {
            using OnnxRunner runner = new(choice.Text, model.Bytes);
            return;
        }

        TensorRtLibrary loaded = choice.Load(session, library);
        if (step == "parse")
        {
            factory.Parse(loaded, model.Bytes);
            return;
        }

        factory.Build(loaded, model.Bytes, factory.Options(loaded, candidate.Model, choice, samples)).Dispose();
    }

    /// <summary>Failures of one kind: the same exception, and of a parser the same code and operator.</summary>
    private static string KindOf(Exception error) => error is OnnxParseException { Errors: [var first, ..] } ? $"{first.Code} {first.Operator}" : error.GetType().Name;
}
